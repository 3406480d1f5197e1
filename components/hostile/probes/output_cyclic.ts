// Returns an object that contains itself.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const it = {};
  it.it = it;
  return it;
}
