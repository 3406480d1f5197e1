// Sends a result that is larger than the limit, past the check in the worker.
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
  forge(ctx, `{"c":1,"v":{"got":"${"x".repeat(12_000_000)}"}}`);
  return new Promise(() => {});
}
