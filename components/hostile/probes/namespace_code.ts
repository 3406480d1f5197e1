// Imports inside of a namespace, which is made into code.
// deno-lint-ignore-file
// @ts-nocheck
/*
namespace Hidden {
  export const it = import("node:fs");
}
export const execute = async () => ({ got: Object.keys(await Hidden.it) });
*/
