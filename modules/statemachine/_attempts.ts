/**
 * How often work is tried, and how long it waits in between.
 *
 * @module
 */
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";
import type { TransitionOutcome } from "@engine/services/transition_handler.ts";
import type { Outcome } from "./_settlement.ts";

/** Attempts at a handler that throws. A handler may set its own policy instead. */
export const ATTEMPTS_MAX = 5;

/** The wait before the second attempt; it doubles from attempt to attempt. */
export const BACKOFF_MS = 1_000;

/** The longest wait before an attempt, and between tries to reach the store. */
export const BACKOFF_MS_MAX = 60_000;

/** What a handler answered, with a wait that a timer can take. */
export function asOutcome(outcome: TransitionOutcome): Outcome {
  if (outcome.kind === "done") return outcome;
  const inMs = Number.isFinite(outcome.inMs)
    ? Math.max(0, outcome.inMs)
    : BACKOFF_MS;
  return { kind: "retry", inMs, error: outcome.error };
}

/** What follows from an error of a handler at its nth attempt. */
export function afterError(error: unknown, attempt: number): Outcome {
  const message = messageOf(error);
  if (error instanceof TerminalError || attempt >= ATTEMPTS_MAX) {
    return { kind: "failed", error: message };
  }
  const asked = error instanceof RetryableError
    ? error.retryAfterMs
    : undefined;
  return { kind: "retry", inMs: asked ?? backoff(attempt), error: message };
}

/** The wait after the nth attempt, in milliseconds. */
export function backoff(attempt: number): number {
  return Math.min(BACKOFF_MS * 2 ** (attempt - 1), BACKOFF_MS_MAX);
}
