// Throws null.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  throw null;
}
