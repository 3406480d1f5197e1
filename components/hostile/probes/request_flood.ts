// Asks the engine for ten thousand calls over the network at once.
// grants: {"net": ["GRANTED"]}
// executionMs: 2000
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, granted }, ctx) {
  const calls = [];
  for (let i = 0; i < 10_000; i++) {
    calls.push(ctx.fetch(i % 2 === 0 ? url : granted).catch(() => null));
  }
  await Promise.all(calls);
  return { got: null };
}
