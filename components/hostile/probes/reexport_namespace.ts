// Re-exports a built-in module as a namespace that is the component.
// deno-lint-ignore-file
// @ts-nocheck
/*
export * as default from "node:fs";
*/
