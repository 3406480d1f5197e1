// Makes code of text with a constructor that it finds at the end of a chain.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  return { got: "".constructor.constructor("return typeof Deno")() };
}
