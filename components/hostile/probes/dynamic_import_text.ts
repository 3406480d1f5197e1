// Imports a file as text while it runs.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute({ file }) {
  const it = await import("file://" + file, { with: { type: "text" } });
  return { got: it.default };
}
*/
