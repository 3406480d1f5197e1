// Throws an object whose getters throw.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  throw {
    get name() {
      throw null;
    },
    get message() {
      throw undefined;
    },
  };
}
