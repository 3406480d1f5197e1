// Makes code of text with the constructor of asynchronous functions.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  return { got: await (async () => {}).constructor("return typeof Deno")() };
}
