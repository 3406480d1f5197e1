// Returns an object without a prototype, whose fields are odd.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return Object.assign(Object.create(null), {
    got: null,
    toString: 1,
    then: 7,
  });
}
