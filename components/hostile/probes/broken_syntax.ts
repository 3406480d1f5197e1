// Is no program at all.
// deno-lint-ignore-file
// @ts-nocheck
/*
export function execute( { got:
*/
