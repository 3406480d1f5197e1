// Sends results whose numbers of calls are no numbers.
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
  const odd = [
    "null",
    '"1"',
    "[1]",
    "{}",
    "1e999",
    "-0",
    "true",
    '"__proto__"',
  ];
  forge(ctx, odd.map((c) => `{"c":${c},"v":1},{"c":${c},"e":null}`).join(","));
  return { got: null };
}
