// Fills the heap.
// executionMs: 1200
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const kept = [];
  for (;;) kept.push({ a: [1, 2, 3], b: `${kept.length}` });
}
