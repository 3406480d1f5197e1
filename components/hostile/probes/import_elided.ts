// Imports a value that looks like a type, which older compilers leave out and
// newer keep.
// deno-lint-ignore-file
// @ts-nocheck
/*
import { Stats } from "node:fs";
let it: Stats;
export const execute = () => ({ got: typeof Stats });
*/
