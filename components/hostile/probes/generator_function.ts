// Makes code of text with the constructor of generators.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  return { got: [...(function* () {}).constructor("yield typeof Deno")()] };
}
