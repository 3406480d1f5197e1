// Imports the source phase of a module.
// deno-lint-ignore-file
// @ts-nocheck
/*
import source it from "file:///etc/passwd";
export const execute = () => ({ got: String(it) });
*/
