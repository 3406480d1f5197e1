// Sends errors whose names and messages are objects without a text.
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

export function execute(_, ctx) {
  const odd = '{"toString":1,"valueOf":1}';
  forge(ctx, `{"c":1,"e":{"name":${odd},"message":${odd}}}`);
  return { got: null };
}
