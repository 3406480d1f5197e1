// Sends JSON that nests a million levels deep.
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
  forge(ctx, `{"c":1,"v":${"[".repeat(1e6)}${"]".repeat(1e6)}}`);
  return new Promise(() => {});
}
