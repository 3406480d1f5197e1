// Imports a module from the network.
// deno-lint-ignore-file
// @ts-nocheck
/*
import it from "https://example.com/it.ts";
export const execute = () => ({ got: String(it) });
*/
