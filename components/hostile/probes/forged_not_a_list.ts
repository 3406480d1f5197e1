// Sends JSON that is no list of messages.
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
  forge(ctx, 'null,1,"text",[],[[]],true],{"c":1}');
  return { got: null };
}
