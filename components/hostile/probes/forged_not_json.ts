// Sends a message that is not JSON.
// alone: ["shared"]
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

export function execute({ call }, ctx) {
  forge(ctx, "}{ nonsense \u0000");
  return ctx.services.granted.echo({}).then(() => ({ got: null, call }));
}
