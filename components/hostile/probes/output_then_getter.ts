// Returns an object whose then is a getter that throws, then another thing
// each time.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  let count = 0;
  return {
    get then() {
      if (++count > 1) throw { message: { toString: null } };
      return () => {};
    },
  };
}
