// Makes code of text with the constructor of functions.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  return { got: new Function("return typeof Deno")() };
}
