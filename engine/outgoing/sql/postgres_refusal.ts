/**
 * What a failed statement of PostgreSQL means for whoever asked, in words that
 * hold no value of a row.
 *
 * @module
 */
import {
  messageOf,
  RefusedError,
  RetryableError,
  TerminalError,
} from "../../errors.ts";
import { failureOf as kindOf, reasonOf } from "../../store/postgres_failure.ts";

/**
 * Classes of SQLSTATE that another try may get past: connection, resources,
 * a server that shuts down, serialization and deadlocks; and 57014, which ends
 * a statement because of another one on its connection.
 */
const PASSING = /^(08(?!P01)|53|57|40)/;

/** The server was given other values than it wants. */
const WRONG_COUNT =
  /bind message supplies (\d+) parameters, but .* requires (\d+)/;

/** Constraints, and values that do not fit their type. */
const OF_VALUES = /^(22|23)/;

/** A value must be the only one. */
const TAKEN = "23505";

/** Codes of the library and of the system for a connection that does not stand. */
const LOSSES = /^(CONNECT|E[A-Z]+$)/;

/** An error without anything that may be a value: the library's own has details. */
export function failureOf(error: unknown): Error {
  const { code, severity } = error as {
    readonly code?: unknown;
    readonly severity?: unknown;
  };
  const state = String(code);
  if (typeof severity !== "string") {
    if (kindOf(error) === "unsent") return notReached(error);
    // The library throws it while it writes a value, and sends nothing.
    if (error instanceof TypeError) {
      return new TerminalError(
        `Cannot run the statement: a value does not fit its type ` +
          `(${oneLine(error.message)})`,
      );
    }
    return new RetryableError(
      `Cannot ask the database: ${reasonOf(error)}; whether the statement ` +
        "took effect is not known",
    );
  }
  const message = `Cannot run the statement: ${shown(error, state)} ` +
    `(SQLSTATE ${state})`;
  if (PASSING.test(state)) return new RetryableError(message);
  if (!state.startsWith("23")) return new TerminalError(message);
  const refusal = state === TAKEN ? "already-exists" : "invalid-input";
  return new RefusedError(refusal, message);
}

/** The error of what was never sent. */
export function notReached(error: unknown): RetryableError {
  return new RetryableError(`Cannot reach the database: ${reasonOf(error)}`);
}

/** `invalid input syntax for type integer: "Ann"` has the value at its end. */
function shown(error: unknown, state: string): string {
  const text = oneLine(messageOf(error)).replace(
    WRONG_COUNT,
    "it has $2 parameters, and there are $1 values",
  );
  return OF_VALUES.test(state) ? text.replace(/: ".*$/, "") : text;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Whether an error is an answer of the server. */
export function isOfServer(error: unknown): boolean {
  const { severity } = (error ?? {}) as { readonly severity?: unknown };
  return typeof severity === "string";
}

/** Whether the connection over which an error came is of no use any more. */
export function isLoss(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  if (isOfServer(error)) return kindOf(error) !== "refused";
  return typeof code === "string" && LOSSES.test(code);
}
