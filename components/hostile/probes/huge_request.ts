// Sends bodies to the network that are as large as memory allows.
// grants: {"net": ["GRANTED"]}
// executionMs: 1000
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ granted }, ctx) {
  const body = new Uint8Array(9 * 1024 * 1024);
  const calls = [];
  for (let i = 0; i < 2; i++) {
    calls.push(ctx.fetch(granted, { method: "POST", body }).catch(() => null));
  }
  await Promise.all(calls);
  return { got: null };
}
