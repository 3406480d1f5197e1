/**
 * Finds ways that nothing can take.
 *
 * @module
 */
import type { Issue } from "@engine/define.ts";

/** An issue for each branch whose label is none of those that there are. */
export function unknownWays(
  branches: Readonly<Record<string, unknown>>,
  labels: readonly string[],
): readonly Issue[] {
  return Object.keys(branches)
    .filter((label) => !labels.includes(label))
    .map((label) => ({
      code: "invalid-value",
      path: ["branches", label],
      message: `Nothing goes the way of "${label}": there is ${
        labels.map((one) => `"${one}"`).join(", ")
      }`,
      help: "Name one of the ways that there are",
    }));
}
