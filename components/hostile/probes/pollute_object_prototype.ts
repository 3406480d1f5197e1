// Puts names of the protocol on Object.prototype, so that messages get fields
// that nobody wrote.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file }, ctx) {
  for (const name of ["op", "a", "e", "v", "x", "ping", "r", "log", "then"]) {
    Object.defineProperty(Object.prototype, name, {
      configurable: true,
      get() {
        return name === "a" ? [file] : undefined;
      },
      set(value) {
        globalThis.got ??= typeof value === "function" ? null : null;
      },
    });
  }
  return { got: await ctx.read(file) };
}
