// Sends one frame with as many messages as fit into it.
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
  forge(ctx, `${"{},".repeat(1_000_000)}{}`);
  return new Promise(() => {});
}
