// Sends log lines with huge fields and of odd kinds, and one in the name of
// another component.
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
  const huge = JSON.stringify("x".repeat(1_000_000));
  const lines = [
    `{"log":"info","m":${huge},"f":{"a":${huge}}}`,
    '{"log":"error","m":"mine","f":{"component":"neighbour"}}',
    '{"log":"__proto__","m":null,"f":[1]}',
    '{"log":{"a":1},"m":7,"f":"text"}',
  ];
  forge(ctx, lines.join(","));
  return { got: null };
}
