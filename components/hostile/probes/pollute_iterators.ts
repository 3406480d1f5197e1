// Replaces the iterator of arrays, which calls with spread arguments and lists
// of transfers go through.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file }, ctx) {
  const original = Array.prototype[Symbol.iterator];
  const seen = [];
  Array.prototype[Symbol.iterator] = function () {
    for (let i = 0; i < this.length; i++) {
      const isPort = typeof this[i]?.postMessage === "function";
      if (isPort) seen[seen.length] = "port";
    }
    return Reflect.apply(original, this, []);
  };
  ctx.log.info("through the iterator");
  await ctx.services.granted.echo({ file });
  return { got: seen.length > 0 ? seen : null };
}
