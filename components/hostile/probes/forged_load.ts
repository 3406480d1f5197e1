// Says again that it is loaded, with exports of every wrong kind, and that it
// failed.
// calls: 2
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
  const odd = ["null", "1", '{"functions":null}', '{"functions":{"a":1}}'];
  forge(
    ctx,
    `${odd.map((it) => `{"loaded":${it}}`).join(",")},{"failed":null}`,
  );
  return { got: null };
}
