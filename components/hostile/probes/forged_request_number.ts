// Asks for something under a number that cannot be made one, so that the
// answer fails in the engine.
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
  forge(ctx, `{"r":${odd},"c":1,"op":"read","a":["x"]}`);
  return ctx.services.granted.echo({}).then(() => ({ got: null }));
}
