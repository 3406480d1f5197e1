// Re-exports everything of a built-in module, among it a function called
// execute.
// deno-lint-ignore-file
// @ts-nocheck
/*
export * from "node:fs";
export const execute = () => ({ got: "loaded" });
*/
