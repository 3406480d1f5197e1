// Asks for things that nobody may ask for, with arguments of every wrong kind.
// deno-lint-ignore-file
// @ts-nocheck

function forge(ctx, text) {
  const { join } = Array.prototype;
  Array.prototype.join = function () {
    Array.prototype.join = join;
    return text;
  };
  ctx.log.info("go");
}

export async function execute({ file, url }, ctx) {
  const odd = [null, 1, [], {}, { toString: 1 }, "", "\u0000", file, url];
  const requests = ["read", "write", "fetch", "service", "eval", "toString"]
    .flatMap((op) => odd.map((a) => ({ r: 1, c: 1, op, a: [a, a, a, a] })));
  requests.push(...odd.map((a) => ({ r: 1, c: 1, op: a, a })));
  forge(ctx, JSON.stringify(requests).slice(1, -1));
  return { got: await ctx.services.granted.echo({}) === 1 ? 1 : null };
}
