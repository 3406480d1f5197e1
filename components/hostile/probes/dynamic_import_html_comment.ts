// Hides an import behind a comment of HTML, which modules do not have.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute() {
  const x = 1 <!-- import("node:fs")
  ;
  return { got: Object.keys(await import("node:fs")) };
}
*/
