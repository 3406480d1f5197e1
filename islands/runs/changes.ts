/**
 * Values that change from entry to entry of a journal, found by the index of one.
 *
 * @module
 */

/** From which entry on something has a value. */
export interface Change<T> {
  readonly at: number;
  readonly value: T;
}

/** The place of the last of ascending numbers that is not above one; -1: none. */
export function atOrBefore(ascending: readonly number[], at: number): number {
  return search(ascending.length, (index) => (ascending[index] ?? 0) <= at);
}

/** How many changes there were up to an entry. */
export function countAt(
  changes: readonly Change<unknown>[],
  at: number,
): number {
  return search(changes.length, (index) => (changes[index]?.at ?? 0) <= at) + 1;
}

/** The value as it was at an entry; `undefined` before the first. */
export function lastAt<T>(
  changes: readonly Change<T>[],
  at: number,
): T | undefined {
  return changes[countAt(changes, at) - 1]?.value;
}

/** The last index for which something holds, if it does for all before it. */
export function search(
  length: number,
  holds: (index: number) => boolean,
): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
