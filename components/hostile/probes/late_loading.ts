// Lays traps on prototypes and missing globals, then touches every global that
// is left, in case the runtime loads parts of itself only now and hands its
// internals to the traps.
// deno-lint-ignore-file
// @ts-nocheck

const caught = [];

function note(where, value) {
  const isObject = typeof value === "object" || typeof value === "function";
  if (value === null || !isObject || value === globalThis) return;
  for (const key of Reflect.ownKeys(value)) {
    const name = String(key);
    if (/^op_|^loadExtScript$|^ops$|^core$|^internals$/.test(name)) {
      caught.push(`${where}: ${name}`);
    }
  }
}

export function execute(_, ctx) {
  for (const name of ["Atomics", "SharedArrayBuffer", "process", "Deno"]) {
    globalThis[name] = new Proxy(function () {}, {
      get: (_, key) => (...args) => {
        for (const arg of args) note(`${name}.${String(key)}`, arg);
      },
      apply: (_, self, args) => {
        for (const arg of [self, ...args]) note(name, arg);
      },
    });
  }
  for (const name of ["ops", "core", "internals", "primordials", "exports"]) {
    Object.defineProperty(Object.prototype, name, {
      configurable: true,
      get() {
        note(`get ${name}`, this);
        return undefined;
      },
      set(value) {
        note(`set ${name}`, value);
        note(`set ${name} of`, this);
      },
    });
  }
  for (const name of ["call", "apply", "bind"]) {
    const original = Function.prototype[name];
    Function.prototype[name] = function (...args) {
      for (const arg of [this, ...args]) note(name, arg);
      return Reflect.apply(original, this, args);
    };
  }
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    try {
      note(name, globalThis[name]);
    } catch {
      // It cannot be loaded any more.
    }
  }
  try {
    clearTimeout(setTimeout(() => {}, 1));
    clearInterval(setInterval(() => {}, 1));
  } catch {
    // They cannot be loaded any more.
  }
  for (const name of ["ops", "core", "internals", "primordials", "exports"]) {
    delete Object.prototype[name];
  }
  return { got: caught.length > 0 ? caught : null };
}
