/**
 * What follows from an attempt to tell a handler of a match.
 *
 * @module
 */
import {
  messageOf,
  RefusedError,
  RetryableError,
  TerminalError,
} from "@engine/errors.ts";

/** Attempts at a handler; then its match becomes a dead letter. */
export const ATTEMPTS_MAX = 10;

/** The wait before the second attempt, in milliseconds; it doubles each time. */
export const BACKOFF_MS = 1_000;

/** The longest wait before an attempt, in milliseconds: five minutes. */
export const BACKOFF_MS_MAX = 300_000;

/** Characters of an error that are kept. */
export const ERROR_CHARACTERS_MAX = 1_000;

/** See the module comment. */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "retry"; readonly inMs: number; readonly error: string }
  | { readonly kind: "dead"; readonly error: string };

/** What follows from an error at the nth attempt. A refusal will not change. */
export function afterError(error: unknown, attempt: number): Outcome {
  const text = shorten(messageOf(error));
  const isFinal = error instanceof TerminalError ||
    error instanceof RefusedError || attempt >= ATTEMPTS_MAX;
  if (isFinal) return { kind: "dead", error: text };
  const asked = error instanceof RetryableError
    ? error.retryAfterMs
    : undefined;
  const inMs = asked !== undefined && Number.isFinite(asked)
    ? Math.min(Math.max(0, asked), BACKOFF_MS_MAX)
    : backoff(attempt);
  return { kind: "retry", inMs, error: text };
}

/** The wait after the nth attempt, in milliseconds. */
export function backoff(attempt: number): number {
  return Math.min(BACKOFF_MS * 2 ** (attempt - 1), BACKOFF_MS_MAX);
}

function shorten(text: string): string {
  return text.length > ERROR_CHARACTERS_MAX
    ? `${text.slice(0, ERROR_CHARACTERS_MAX - 3)}...`
    : text;
}
