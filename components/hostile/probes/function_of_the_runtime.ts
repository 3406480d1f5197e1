// Makes code of text with the constructor of a function that belongs to the
// runtime.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  return { got: structuredClone.constructor("return typeof Deno")() };
}
