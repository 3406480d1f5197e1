// Returns a promise that never settles.
// executionMs: 200
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return new Promise(() => {});
}
