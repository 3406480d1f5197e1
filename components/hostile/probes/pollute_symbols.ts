// Defines well-known symbols on Object.prototype to run inside of whatever the
// runtime compares, joins or clones.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file }, ctx) {
  const seen = [];
  for (const name of ["toPrimitive", "toStringTag", "isConcatSpreadable"]) {
    Object.defineProperty(Object.prototype, Symbol[name], {
      configurable: true,
      get() {
        if (typeof this?.postMessage === "function") seen.push("a port");
        return undefined;
      },
    });
  }
  Object.defineProperty(Array, Symbol.species, { get: () => Map });
  const content = await ctx.read(file).catch(() => null);
  return { got: seen.length > 0 ? seen : content };
}
