/**
 * Bounds how often something may be done under a key: in this process alone, or
 * in all processes that share a store together.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { SharedTokenBuckets } from "./_shared_token_buckets.ts";
import { type BucketOptions, TokenBuckets } from "./_token_buckets.ts";

/** See the module comment. */
export interface Limiter {
  /**
   * Takes a token: 0, or the milliseconds until there is one to take; then
   * nothing was taken.
   */
  take(key: string): number | Promise<number>;
  /** Gives a token back. */
  refund(key: string): void | Promise<void>;
}

/** A limiter of a module. Shared ones survive a restart, others do not. */
export function limiterOf(host: Host, options: BucketOptions): Limiter {
  if (host.isShared) return new SharedTokenBuckets(host, options);
  const buckets = new TokenBuckets(options);
  const { clock } = host.effects;
  return {
    take: (key) => buckets.take(key, clock.elapsed()),
    refund: (key) => buckets.refund(key),
  };
}
