// Calls import with a phase.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute() {
  const it = await import.defer("node:fs");
  return { got: Object.keys(it) };
}
*/
