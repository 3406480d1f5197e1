/**
 * Waits for what is under way, but not for ever.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";

/** How long a module that closes waits for what is under way. */
export const GRACE_MS = 5_000;

/** Resolves when `work` does, or after `ms`. */
export async function atMost(
  ms: number,
  clock: Host["effects"]["clock"],
  work: Promise<void>,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = clock.after(ms, resolve);
    work.finally(cancel).then(resolve, resolve);
  });
}
