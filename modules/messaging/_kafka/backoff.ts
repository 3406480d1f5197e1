/**
 * How long to wait before something is tried again.
 *
 * @module
 */

/** Twice as long each time, of which up to a quarter is left out by chance. */
export function backoffMs(
  failures: number,
  { firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number },
  random: { float(): number },
): number {
  const ms = Math.min(lastMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(ms * (1 - random.float() / 4));
}

/** Between attempts to reach a cluster. */
export const RECONNECT = { firstMs: 250, lastMs: 5_000 } as const;
