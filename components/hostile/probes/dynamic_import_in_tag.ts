// Hides an import in the tag of a template and in optional chains.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute() {
  const it = await (import("node:fs"))?.["then"]?.((x) => x);
  return { got: Object.keys(it ?? {}) };
}
*/
