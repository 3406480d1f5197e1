// Computes in one step of the runtime that cannot be interrupted.
// executionMs: 200
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  let x = 3n ** 1_000_000n;
  for (let i = 0; i < 6; i++) x = x * x;
  return { got: null, odd: String(x & 1n) };
}
