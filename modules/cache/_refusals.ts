/**
 * What both kinds of cache refuse.
 *
 * @module
 */
import { RefusedError } from "@engine/errors.ts";

/** What is there cannot be counted up. */
export function notANumber(key: string): RefusedError {
  return new RefusedError(
    "invalid-input",
    `Cannot count up "${key}": its value is no whole number, or becomes too large`,
  );
}
