// Returns more characters than are taken.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return { got: null, text: "x".repeat(2 ** 21) };
}
