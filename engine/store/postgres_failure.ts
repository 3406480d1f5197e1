/**
 * Tells apart what a failed statement means for what it asked.
 *
 * @module
 */
import { messageOf } from "../errors.ts";

/**
 * - `refused`: the server answered that it did not do it.
 * - `unsent`: there was no connection, so the server never saw it.
 * - `lost`: it was sent, or may have been, and no answer came.
 */
export type Failure = "refused" | "unsent" | "lost";

/** Codes of the system and the client library from before a connection stands. */
const UNSENT_CODES: ReadonlySet<string> = new Set([
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** SQLSTATEs with which a server that starts, stops or is full sends one away. */
const UNSENT_STATES: ReadonlySet<string> = new Set(["57P03", "53300"]);

/**
 * SQLSTATEs, or their classes, with which a server refuses a connection for good:
 * wrong password, no such database, no permission, unknown option.
 */
const REFUSED_STATES = /^(28...|3D000|42501|42704)$/;

/** SQLSTATEs with which a server says that it does not know either. */
const UNKNOWN_STATES: ReadonlySet<string> = new Set(["40003", "08007"]);

/** What is read of an error; those of the library are not all of its own class. */
interface Described {
  readonly code?: unknown;
  readonly severity?: unknown;
  readonly syscall?: unknown;
}

/** No answer came in time. */
export class NoAnswerError extends Error {}

/** What a failure means. Where that is not certain, `lost`. */
export function failureOf(error: unknown): Failure {
  const { code, severity, syscall } = (error ?? {}) as Described;
  const state = typeof code === "string" ? code : "";
  if (typeof severity !== "string") {
    const isUnsent = syscall === "connect" || UNSENT_CODES.has(state);
    return isUnsent ? "unsent" : "lost";
  }
  if (UNSENT_STATES.has(state)) return "unsent";
  if (UNKNOWN_STATES.has(state)) return "lost";
  // An error rolls back and leaves the connection; all else may come after a commit.
  if (severity === "ERROR" || REFUSED_STATES.test(state)) return "refused";
  return "lost";
}

/** What an error says, on one line and with its code. */
export function reasonOf(error: unknown): string {
  const { code, severity } = (error ?? {}) as Described;
  // Several addresses of one name fail with one message that is empty.
  const text = messageOf(error).replaceAll(/\s+/g, " ") || String(code);
  return typeof severity === "string" ? `${text} (SQLSTATE ${code})` : text;
}
