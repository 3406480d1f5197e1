// Imports something called type, and type as something.
// deno-lint-ignore-file
// @ts-nocheck
/*
import type, { type as as } from "node:fs";
export const execute = () => ({ got: String(type) + String(as) });
*/
