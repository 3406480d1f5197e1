// Never lets anything else have a turn: each microtask begins the next.
// executionMs: 200
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  for (;;) await null;
}
