/**
 * The process that checks the types of one component: its input is what to
 * check, its output what was found, both as JSON.
 *
 * @module
 */
import process from "node:process";
import { messageOf } from "../../engine/errors.ts";
import type { CheckAnswer, CheckRequest } from "../type_check.ts";

/** The most characters that are told of an error of the compiler. */
const REASON_CHARACTERS_MAX = 200;

// Else the compiler reads the environment, and has functions that read files.
Object.assign(process, { browser: true });
const { typeFaults } = await import("./type_faults.ts");

/** That the compiler itself breaks on a source is a reason, not a fault. */
function answerTo(request: CheckRequest): CheckAnswer {
  try {
    return { faults: typeFaults(request) };
  } catch (error) {
    const message = messageOf(error);
    return {
      isOfSource: true,
      reason: /call stack/.test(message)
        ? "it nests too deep"
        : `the compiler breaks: ${message.slice(0, REASON_CHARACTERS_MAX)}`,
    };
  }
}

const request = await new Response(Deno.stdin.readable).json();
const answer = JSON.stringify(answerTo(request));
await new Blob([answer]).stream().pipeTo(Deno.stdout.writable);
Deno.exit(0);
