// Makes code of text with the constructor of asynchronous generators.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  return {
    got: await (async function* () {}).constructor("yield typeof Deno")()
      .next(),
  };
}
