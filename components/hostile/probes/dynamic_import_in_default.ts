// Hides an import in the default value of a parameter.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute({ file }, ctx, it = import("node:fs")) {
  return { got: (await it).readFileSync(file, "utf8") };
}
*/
