// Returns a function.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return function got() {};
}
