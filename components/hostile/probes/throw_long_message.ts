// Throws an error whose message has a hundred million characters.
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  throw new Error("x".repeat(1e8));
}
