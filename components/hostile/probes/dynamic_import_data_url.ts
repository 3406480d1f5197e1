// Imports code from a URL that it makes while it runs.
// deno-lint-ignore-file
// @ts-nocheck
/*
export async function execute() {
  const code = "export default " + JSON.stringify("code that nobody read");
  return { got: (await import("data:text/javascript," + code)).default };
}
*/
