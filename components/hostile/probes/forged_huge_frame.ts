// Sends a frame that is longer than frames may be.
// alone: ["shared", "process"]
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
  forge(ctx, `{"c":1,"v":"${"x".repeat(20_000_000)}"}`);
  return new Promise(() => {});
}
