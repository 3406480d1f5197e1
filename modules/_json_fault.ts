/**
 * Finds what JSON from outside may hold and nothing inside could keep: depth at
 * which whatever walks through it runs out of stack, and numbers without end.
 *
 * @module
 */

/** How deep objects and lists in a body may nest, in levels. */
export const JSON_DEPTH_MAX = 100;

/**
 * What keeps a parsed value from being kept as it is, as the end of a sentence
 * about it; `undefined` if nothing does.
 */
export function jsonFault(value: unknown): string | undefined {
  // Level by level instead of by recursion: the depth is what is in question.
  let level: readonly object[] = [[value]];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > JSON_DEPTH_MAX) {
      return `nests deeper than the limit of ${JSON_DEPTH_MAX} levels`;
    }
    const next: object[] = [];
    for (const item of level.flatMap(Object.values)) {
      if (typeof item === "object" && item !== null) next.push(item);
      if (typeof item === "number" && !Number.isFinite(item)) {
        return "holds a number that is too large for JSON";
      }
    }
    level = next;
  }
  return undefined;
}
