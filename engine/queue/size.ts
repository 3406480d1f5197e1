/**
 * Keeps messages and commits below the limits of the store: a message that is
 * taken can always be given back or buried, and many at once fit in one commit.
 *
 * @module
 */
import { RefusedError } from "../errors.ts";
import type { Limits, Value } from "../store/store.ts";
import {
  CHARACTER_BYTES_MAX,
  charactersLeft,
  hasMoreCharacters,
  valueBytes,
} from "../store/value.ts";

/**
 * What a message must leave of the largest value, in bytes: for the error, the
 * times and the names that a dead letter adds.
 */
export const MESSAGE_RESERVE_BYTES = 16 * 1_024;

/** How much is kept of an error, in characters. */
export const ERROR_CHARACTERS_MAX = 1_000;

/**
 * Refuses a message that could not be buried.
 *
 * @throws {RefusedError} `invalid-input`
 */
export function checkMessageBytes(
  queue: string,
  row: Value,
  limits: Limits,
): void {
  const most = limits.valueBytes - MESSAGE_RESERVE_BYTES;
  // Counting is much cheaper than encoding, and mostly enough.
  if (!hasMoreCharacters(row, most / CHARACTER_BYTES_MAX)) return;
  const bytes = valueBytes(row);
  if (bytes <= most) return;
  throw new RefusedError(
    "invalid-input",
    `Cannot send to queue "${queue}": the message has ${bytes} bytes, ` +
      `the limit messageBytes is ${most} bytes`,
  );
}

/** The part of an error that is kept. */
export function shortError(text: string): string {
  return text.length <= ERROR_CHARACTERS_MAX
    ? text
    : `${text.slice(0, ERROR_CHARACTERS_MAX)}…`;
}

/** The room for values in one commit. */
export class CommitRoom {
  #left: number;
  #isEmpty = true;

  constructor(limits: Limits) {
    // A character takes at most six bytes; the rest is for keys and errors.
    this.#left = limits.commitBytes / (CHARACTER_BYTES_MAX + 2);
  }

  /** Takes room for a value. The first one always has it. */
  take(value: Value): boolean {
    const left = charactersLeft(value, this.#left);
    if (left < 0 && !this.#isEmpty) return false;
    this.#left = left;
    this.#isEmpty = false;
    return true;
  }
}
