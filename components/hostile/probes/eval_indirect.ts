// Makes code of text with eval under another name.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  return { got: (0, globalThis.eval)("typeof Deno") };
}
