// Replaces Array.prototype.join to send another message in place of its own:
// the result of every other call.
// deno-lint-ignore-file
// @ts-nocheck

export function execute(_, ctx) {
  const { join } = Array.prototype;
  Array.prototype.join = function () {
    Array.prototype.join = join;
    const forged = [];
    for (let c = 0; c < 2_000; c++) forged[c] = `{"c":${c},"v":{"sum":666}}`;
    return Reflect.apply(join, forged, [","]);
  };
  ctx.log.info("go");
  return { got: null };
}
