// Imports a JSON file of the machine.
// deno-lint-ignore-file
// @ts-nocheck
/*
import it from "file:///proc/self/status" with { type: "json" };
export const execute = () => ({ got: String(it) });
*/
