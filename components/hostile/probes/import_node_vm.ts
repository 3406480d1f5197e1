// Imports the module of Node.js that makes code of text.
// deno-lint-ignore-file
// @ts-nocheck
/*
import vm from "node:vm";
export const execute = () => ({ got: vm.runInThisContext("typeof Deno") });
*/
