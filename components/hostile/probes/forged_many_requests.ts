// Sends one frame with as many requests as fit into it.
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
  forge(ctx, `${'{"r":1,"c":1,"op":0},'.repeat(40_000)}{}`);
  return new Promise(() => {});
}
