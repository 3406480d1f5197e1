/**
 * How long things took, in cells of which each is a little wider than the one
 * before: any two hours of work take the same room, and any two can be added.
 *
 * @module
 */

/** The end of the first cell, in seconds. */
const LEAST_SECONDS = 10e-6;

/** How many cells it takes until one is twice as wide: 9 % from cell to cell. */
const CELLS_PER_DOUBLING = 8;

/** How many cells there are; the last one has what takes longer than 20 minutes. */
export const CELLS = 216;

/** How many things fell into a cell, by its place. */
export type Distribution = ReadonlyMap<number, number>;

/** The place of the cell for a time. */
export function cellOf(seconds: number): number {
  const place = Math.ceil(
    Math.log2(seconds / LEAST_SECONDS) * CELLS_PER_DOUBLING,
  );
  // What is no time at all, or less, is in the first.
  return place > 0 ? Math.min(place, CELLS - 1) : 0;
}

/** Adds distributions. */
export function sumOf(all: readonly Distribution[]): Distribution {
  const sum = new Map<number, number>();
  for (const cells of all) {
    for (const [place, count] of cells) {
      sum.set(place, (sum.get(place) ?? 0) + count);
    }
  }
  return sum;
}

/**
 * The time within which a share of the things was done, in seconds, to within 5 %;
 * `undefined` if there were none.
 */
export function quantileOf(
  cells: Distribution,
  share: number,
): number | undefined {
  let total = 0;
  for (const count of cells.values()) total += count;
  let below = 0;
  for (const [place, count] of [...cells].sort(([a], [b]) => a - b)) {
    below += count;
    if (below >= total * share) return middleOf(place);
  }
  return undefined;
}

function middleOf(place: number): number {
  return LEAST_SECONDS * 2 ** ((place - 0.5) / CELLS_PER_DOUBLING);
}
