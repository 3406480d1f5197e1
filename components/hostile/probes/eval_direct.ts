// Makes code of text with eval.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  return { got: eval("typeof Deno") };
}
