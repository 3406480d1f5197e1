/**
 * Gives work a time after which nobody waits for it.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";

/** How long to wait, and what is said then. */
export interface TimeoutOptions {
  readonly clock: Host["effects"]["clock"];
  readonly ms: number;
  /** Aborts the work as well. */
  readonly signal: AbortSignal;
  readonly message: string;
}

/**
 * Runs `work` with a signal that aborts after `ms`, or with the given one.
 * After `ms` it rejects, whether or not the work ends. After an abort from
 * outside it waits on: work that still finishes should count.
 */
export async function withTimeout<T>(
  { clock, ms, signal, message }: TimeoutOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const abort = () => limit.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(ms, () => {
    const error = new Error(message);
    limit.abort(error);
    reject(error);
  });
  try {
    return await Promise.race([work(limit.signal), timeout]);
  } finally {
    cancel();
    signal.removeEventListener("abort", abort);
  }
}
