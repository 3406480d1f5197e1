// Imports in the way of TypeScript that becomes a call of require.
// deno-lint-ignore-file
// @ts-nocheck
/*
import fs = require("node:fs");
export const execute = ({ file }) => ({ got: fs.readFileSync(file, "utf8") });
*/
