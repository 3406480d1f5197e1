/**
 * Gives work a time after which nobody waits for it.
 *
 * @module
 */
import type { Clock } from "../effects.ts";

/** How long to wait, and what is thrown then. */
export interface Deadline {
  readonly clock: Pick<Clock, "after">;
  readonly ms: number;
  /** Ends the waiting as well. */
  readonly signal: AbortSignal;
  readonly late: () => Error;
}

/**
 * Runs `work` with a signal that aborts after `ms` or with the given one, and
 * rejects then, whether or not the work heeds it.
 */
export async function withDeadline<T>(
  { clock, ms, signal, late }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const limit = new AbortController();
  const { promise: over, reject } = Promise.withResolvers<never>();
  function end(reason: unknown): void {
    limit.abort(reason);
    reject(reason);
  }
  const abort = () => end(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const cancel = clock.after(ms, () => end(late()));
  try {
    return await Promise.race([work(limit.signal), over]);
  } finally {
    cancel();
    signal.removeEventListener("abort", abort);
  }
}
