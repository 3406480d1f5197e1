// Gives a global an alias in the way of TypeScript.
// deno-lint-ignore-file
// @ts-nocheck
/*
import it = globalThis.Deno;
export const execute = () => ({ got: Object.keys(it) });
*/
