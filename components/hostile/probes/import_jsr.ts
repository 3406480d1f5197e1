// Imports a package of the other registry.
// deno-lint-ignore-file
// @ts-nocheck
/*
import it from "jsr:@std/fs";
export const execute = () => ({ got: String(it) });
*/
