// Never ends.
// executionMs: 600
// calls: 2
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute({ call }) {
  if (call === 2) return { got: null };
  for (;;);
}
