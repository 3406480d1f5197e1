// Imports in the initial value of an enum, which is made into code.
// deno-lint-ignore-file
// @ts-nocheck
/*
enum Hidden {
  A = import("node:fs") as unknown as number,
}
export const execute = async () => ({ got: Object.keys(await Hidden.A) });
*/
