// Reads caller and arguments of functions to climb the stack.
// deno-lint-ignore-file
// @ts-nocheck

export function execute(_, ctx) {
  const found = [];
  for (const it of [execute, ctx.fetch, ctx.constructor, setTimeout]) {
    for (const name of ["caller", "arguments"]) {
      try {
        if (it[name]) found.push(name);
      } catch {
        // Strict code has neither.
      }
    }
  }
  return { got: found.length > 0 ? found : null };
}
