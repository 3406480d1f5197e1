// Imports a file of the machine as text.
// deno-lint-ignore-file
// @ts-nocheck
/*
import it from "file:///etc/passwd" with { type: "text" };
export const execute = () => ({ got: String(it) });
*/
