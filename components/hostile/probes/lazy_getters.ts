// Calls the getters of lazily made globals again with other receivers and on
// deleted names.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const got = [];
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const { get, set } = Object.getOwnPropertyDescriptor(globalThis, name);
    if (get === undefined) continue;
    const fake = {};
    try {
      get.call(fake);
      set?.call(fake, 1);
      for (const key of Reflect.ownKeys(fake)) {
        if (!(key in globalThis)) got.push(String(key));
      }
    } catch {
      // It minds.
    }
  }
  return { got: got.length > 0 ? got : null };
}
