// Re-exports a function of a built-in module as execute.
// deno-lint-ignore-file
// @ts-nocheck
/*
export { readFileSync as execute } from "node:fs";
*/
