// Logs lines of millions of characters and of objects that never end.
// executionMs: 3000
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute(_, ctx) {
  const long = "x".repeat(20_000_000);
  for (let i = 0; i < 20; i++) {
    ctx.log.info(long, { long });
    console.log(long, long);
  }
  return { got: null };
}
