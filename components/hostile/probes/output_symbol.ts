// Returns a symbol.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return Symbol("got");
}
