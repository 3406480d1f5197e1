// Keeps memory in blobs, which the runtime holds.
// executionMs: 1200
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const part = new Uint8Array(16 * 1024 * 1024).fill(1);
  const kept = [];
  for (;;) kept.push(new Blob([part, part]));
}
