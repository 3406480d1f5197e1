// Makes a second global scope from the constructors of this one.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const got = [];
  for (
    let from = globalThis;
    from !== null;
    from = Reflect.getPrototypeOf(from)
  ) {
    try {
      const other = new from.constructor();
      if (other.Deno ?? other.postMessage ?? other.fetch) got.push("a scope");
    } catch {
      // Illegal constructor.
    }
  }
  return { got: got.length > 0 ? got : null };
}
