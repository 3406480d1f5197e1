// Throws a proxy whose every trap throws.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  throw new Proxy(function () {}, {
    get() {
      throw null;
    },
    getPrototypeOf() {
      throw null;
    },
  });
}
