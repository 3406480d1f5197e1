// Imports a type and a value in one statement.
// deno-lint-ignore-file
// @ts-nocheck
/*
import { type Stats, readFileSync } from "node:fs";
export const execute = ({ file }) => ({ got: readFileSync(file, "utf8") });
*/
