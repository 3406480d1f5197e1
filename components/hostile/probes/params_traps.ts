// Sets traps on the parameters and defines their names on prototypes.
// deno-lint-ignore-file
// @ts-nocheck

export function execute(params, ctx) {
  Object.setPrototypeOf(params, new Proxy({}, { get: () => params }));
  Object.defineProperty(params, "toJSON", { get: () => () => ctx });
  return { got: null, params };
}
