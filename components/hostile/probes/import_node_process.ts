// Imports process under its module name.
// deno-lint-ignore-file
// @ts-nocheck
/*
import process from "node:process";
export const execute = ({ env }) => ({ got: [process.pid, process.env[env]] });
*/
