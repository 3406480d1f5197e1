// Looks for the runtime's internal objects behind symbols and odd names of the
// global scope and its prototypes.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const odd = [];
  const names = [
    "__bootstrap",
    "bootstrap",
    "core",
    "internals",
    "primordials",
  ];
  for (
    let from = globalThis;
    from !== null;
    from = Reflect.getPrototypeOf(from)
  ) {
    for (const key of Reflect.ownKeys(from)) {
      if (typeof key === "symbol" && from === globalThis) odd.push(String(key));
      if (names.includes(key)) odd.push(key);
    }
  }
  for (const name of ["Deno.internal", "Deno.core"]) {
    if (globalThis[Symbol.for(name)] !== undefined) odd.push(name);
  }
  return { got: odd.length > 0 ? odd : null };
}
