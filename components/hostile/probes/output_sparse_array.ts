// Returns a list with four billion holes.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return { got: null, holes: new Array(2 ** 32 - 1) };
}
