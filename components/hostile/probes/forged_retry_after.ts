// Asks to be tried again in a negative time and in a million years.
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

export function execute({ call }, ctx) {
  const after = call === 1 ? -5 : 1e300;
  forge(
    ctx,
    `{"c":${call},"e":{"name":"RetryableError","message":"","retryAfterMs":${after}}}`,
  );
  return { got: null };
}
