// Exports in the way of TypeScript for CommonJS.
// deno-lint-ignore-file
// @ts-nocheck
/*
const it = { execute: () => ({ got: require("node:fs") }) };
export = it;
*/
