// Writes the keyword import with an escape.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute() {
  return { got: Object.keys(await \u0069mport("node:fs")) };
}
*/
