// Sends results for calls that it was not given, with numbers that others may
// have.
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
  const numbers = Array.from({ length: 5_000 }, (_, c) => c + 2);
  forge(ctx, numbers.map((c) => `{"c":${c},"v":{"sum":666}}`).join(","));
  return new Promise((resolve) => {
    ctx.services.granted.echo({}).then(() => resolve({ got: null }));
  });
}
