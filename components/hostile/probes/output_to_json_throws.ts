// Returns an object whose toJSON throws what is no error.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return {
    toJSON() {
      throw null;
    },
  };
}
