// Imports the threads of Node.js.
// deno-lint-ignore-file
// @ts-nocheck
/*
import { Worker, parentPort } from "node:worker_threads";
export const execute = () => ({ got: String(Worker) + String(parentPort) });
*/
