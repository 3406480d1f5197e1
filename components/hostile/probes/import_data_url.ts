// Imports a module whose code is in its URL, where nobody has read it.
// deno-lint-ignore-file
// @ts-nocheck
/*
import it from "data:text/javascript,export default 1";
export const execute = () => ({ got: String(it) });
*/
