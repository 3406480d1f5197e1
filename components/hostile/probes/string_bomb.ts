// Doubles a text until nothing is left.
// executionMs: 1200
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const kept = [];
  for (;;) {
    const text = "x".repeat(2 ** 20 + kept.length);
    kept.push(text.replaceAll("x", "yy"));
  }
}
