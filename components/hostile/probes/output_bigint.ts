// Returns a number that JSON does not have.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return { got: null, big: 10n ** 30n };
}
