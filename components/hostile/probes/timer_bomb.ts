// Starts a hundred thousand timers.
// executionMs: 700
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  for (let i = 0; i < 100_000; i++) setTimeout(() => {}, 1e6 + i);
  return { got: null };
}
