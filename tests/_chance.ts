/**
 * Chance that a seed repeats, as far as the world does.
 *
 * @module
 */

/** Whole numbers from 0 to below what is asked for. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}
