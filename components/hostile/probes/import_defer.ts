// Imports with a phase that parsers may not know yet.
// deno-lint-ignore-file
// @ts-nocheck
/*
import defer * as fs from "node:fs";
export const execute = () => ({ got: Object.keys(fs) });
*/
