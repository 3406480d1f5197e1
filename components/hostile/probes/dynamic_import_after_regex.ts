// Hides an import behind what a careless reader takes for a regular expression
// or a comment.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute() {
  let a = 1, g = 1;
  const b = a++ / import("node:fs") / g;
  const c = /[/]+/.test("") ? import("node:os") : b;
  return { got: Object.keys(await c) };
}
*/
