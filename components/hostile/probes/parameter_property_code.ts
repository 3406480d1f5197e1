// Imports in the default of a parameter property, which is made into code.
// deno-lint-ignore-file
// @ts-nocheck
/*
class Hidden {
  constructor(readonly it = import("node:fs")) {}
}
export const execute = async () => ({ got: Object.keys(await new Hidden().it) });
*/
