// Answers requests that nobody made, and pings that nobody sent.
// calls: 2
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

export function execute(_, ctx) {
  const pongs = Array.from({ length: 1_000 }, (_, i) => `{"pong":${i}}`);
  forge(ctx, `${pongs.join(",")},{"r":7,"v":1},{"r":8,"e":null}`);
  return { got: null };
}
