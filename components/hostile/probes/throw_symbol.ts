// Throws a symbol.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  throw Symbol("thrown");
}
