// Imports a built-in module while it runs.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute({ file }) {
  const fs = await import("node:fs");
  return { got: fs.readFileSync(file, "utf8") };
}
*/
