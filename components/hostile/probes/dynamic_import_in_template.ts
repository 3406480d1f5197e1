// Hides an import inside of nested templates.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute() {
  const it = {};
  `${`${it.x = import("node:fs")}`}`;
  return { got: Object.keys(await it.x) };
}
*/
