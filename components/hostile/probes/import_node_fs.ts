// Imports the file system of Node.js.
// deno-lint-ignore-file
// @ts-nocheck
/*
import * as fs from "node:fs";
export const execute = ({ file }) => ({ got: fs.readFileSync(file, "utf8") });
*/
