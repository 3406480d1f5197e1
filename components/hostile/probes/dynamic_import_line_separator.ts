// Ends a comment with a line separator of Unicode, behind which an import
// stands.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute() {
  // nothing to see   globalThis.it = import("node:fs");
  return { got: Object.keys(await globalThis.it) };
}
*/
