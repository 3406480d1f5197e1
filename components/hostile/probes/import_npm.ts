// Imports a package, which would also call the registry.
// deno-lint-ignore-file
// @ts-nocheck
/*
import it from "npm:left-pad@1.3.0";
export const execute = () => ({ got: String(it) });
*/
