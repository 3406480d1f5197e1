// Matches a regular expression that takes longer than the universe lasts.
// executionMs: 200
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return { got: /^(a+)+$/.test(`${"a".repeat(60)}!`) ? "matched" : null };
}
