// Takes memory outside of the heap.
// executionMs: 1200
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const kept = [];
  for (;;) kept.push(new Uint8Array(16 * 1024 * 1024).fill(1));
}
