// Sends one frame with as many log lines as fit into it.
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
  forge(ctx, `${'{"log":"info","m":"","f":1},'.repeat(200_000)}{}`);
  return new Promise(() => {});
}
