// Imports a file of the machine as bytes.
// deno-lint-ignore-file
// @ts-nocheck
/*
import it from "file:///etc/passwd" with { type: "bytes" };
export const execute = () => ({ got: String(it) });
*/
