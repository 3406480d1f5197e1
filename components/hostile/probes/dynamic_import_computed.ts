// Imports a module whose name is only known while it runs.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute({ file }) {
  const name = ["no", "de:", "fs"].join("");
  return { got: (await import(name)).readFileSync(file, "utf8") };
}
*/
