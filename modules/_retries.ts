/**
 * Tries work again that failed for now, with waits that grow and differ.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { RetryableError } from "@engine/errors.ts";

/** How often, and with which waits. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retriesMax: number;
  /** The wait before the second attempt, in milliseconds; it doubles. */
  readonly initialBackoffMs: number;
  /** The longest wait; who is asked for more gives up, and passes that on. */
  readonly backoffMsMax: number;
}

/**
 * Does the work until it succeeds, fails for good, or no attempt is left. Only a
 * `RetryableError` is worth another attempt.
 *
 * @throws the last error; the reason of the signal when it aborts.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  { clock, random, signal }:
    & Pick<Host["effects"], "clock" | "random">
    & { readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !(error instanceof RetryableError)) throw error;
      const waitMs = Math.max(
        backoffMs(policy, attempt, random),
        error.retryAfterMs ?? 0,
      );
      const isTooLong = waitMs > policy.backoffMsMax;
      if (attempt > policy.retriesMax || isTooLong) throw error;
      await clock.sleep(waitMs, signal);
    }
  }
}

/** The wait after the nth attempt, of which up to a half is left out by chance. */
export function backoffMs(
  { initialBackoffMs, backoffMsMax }: Omit<RetryPolicy, "retriesMax">,
  attempt: number,
  random: Host["effects"]["random"],
): number {
  const longest = Math.min(initialBackoffMs * 2 ** (attempt - 1), backoffMsMax);
  // What failed together does not come back together.
  return longest * (0.5 + random.float() / 2);
}
