// Imports a module for what it does, without any name.
// deno-lint-ignore-file
// @ts-nocheck
/*
import "node:child_process";
export const execute = () => ({ got: "loaded" });
*/
