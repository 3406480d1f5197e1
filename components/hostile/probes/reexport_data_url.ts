// Re-exports code from a URL as execute.
// deno-lint-ignore-file
// @ts-nocheck
/*
export { execute } from "data:text/javascript,export const execute = () => ({ got: 1 });";
*/
