// Returns an object whose getter throws.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return {
    get got() {
      throw new Error("from a getter");
    },
  };
}
