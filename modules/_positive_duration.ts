/**
 * Finds durations that a schema accepts and that make no sense where they stand.
 *
 * @module
 */
import { durationMs, type Issue } from "@engine/define.ts";

/** One issue for each duration that is not longer than nothing. */
export function notPositive(
  durations: Readonly<Record<string, string | undefined>>,
): readonly Issue[] {
  return Object.entries(durations)
    .filter(([, text]) => text !== undefined && durationMs(text) <= 0)
    .map(([key, text]) => ({
      code: "invalid-value",
      path: key.split("."),
      message: `The duration "${text}" must be longer than 0`,
    }));
}
