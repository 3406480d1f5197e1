// Logs as fast as it can.
// executionMs: 1500
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute(_, ctx) {
  const until = performance.now() + 300;
  while (performance.now() < until) {
    for (let i = 0; i < 1_000; i++) ctx.log.info("line", { i });
    await null;
  }
  return { got: null };
}
