// Imports in a decorator.
// deno-lint-ignore-file
// @ts-nocheck
/*
function mark(_: unknown) {}
@mark(import("node:fs"))
class Hidden {}
export const execute = () => ({ got: String(Hidden) });
*/
