// Walks the prototypes of the global scope for anything that a worker has and
// a component must not.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const wanted = [
    ...["Deno", "process", "Worker", "postMessage", "close", "fetch", "caches"],
    ...["importScripts", "navigator", "location", "localStorage", "onmessage"],
    ...["MessagePort", "MessageChannel", "BroadcastChannel", "WebAssembly"],
    ...["SharedArrayBuffer", "Atomics", "PerformanceObserver", "FileReader"],
    ...["reportError", "gc", "ShadowRealm", "File", "indexedDB", "self"],
  ];
  const found = [];
  for (
    let from = globalThis;
    from !== null;
    from = Reflect.getPrototypeOf(from)
  ) {
    for (const name of wanted) {
      if (Reflect.getOwnPropertyDescriptor(from, name)) found.push(name);
    }
  }
  return { got: found.length > 0 ? found : null };
}
