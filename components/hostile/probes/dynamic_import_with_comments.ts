// Hides an import between comments and line ends.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute() {
  const it = import // )
    ( // "
      "node:fs"
    );
  return { got: Object.keys(await it) };
}
*/
