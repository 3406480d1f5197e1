// Returns an object that nests a hundred thousand levels deep.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  let it = null;
  for (let i = 0; i < 100_000; i++) it = [it];
  return { got: null, it };
}
