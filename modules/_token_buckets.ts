/**
 * Token buckets, one for each key. A bucket is kept as the one moment at which
 * it is full again, so that a full bucket and a forgotten one are the same.
 *
 * @module
 */

/** How many keys are remembered; past that the least recently used half goes. */
export const BUCKETS_MAX = 100_000;

/** Sums of fractions of a millisecond must not cost the last token. */
const ROUNDING_MS = 1e-6;

/** How fast buckets fill and how much they hold. */
export interface BucketOptions {
  /** Tokens that flow in. */
  readonly perMinute: number;
  /** Tokens that a full bucket holds; a new one is full. */
  readonly capacity: number;
  /** @default {BUCKETS_MAX} */
  readonly keysMax?: number;
}

/**
 * Token buckets by key. Two generations bound the memory without a timer: a key
 * that is used moves to the young one, and the old one is dropped when the young
 * one is full, or so old that every bucket in it has filled up.
 */
export class TokenBuckets {
  readonly #intervalMs: number;
  readonly #capacity: number;
  readonly #generationMax: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  #youngSinceMs = 0;

  constructor({ perMinute, capacity, keysMax = BUCKETS_MAX }: BucketOptions) {
    this.#intervalMs = 60_000 / perMinute;
    this.#capacity = capacity;
    this.#generationMax = Math.ceil(keysMax / 2);
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /**
   * Takes a token. Returns 0, or the milliseconds until there is one to take;
   * then nothing was taken.
   */
  take(key: string, nowMs: number): number {
    this.#turn(nowMs);
    const fullAtMs = Math.max(this.#fullAt(key), nowMs) + this.#intervalMs;
    const waitMs = fullAtMs - nowMs - this.#capacity * this.#intervalMs;
    if (waitMs > ROUNDING_MS) return waitMs;
    this.#put(key, fullAtMs);
    return 0;
  }

  /** Gives a token back. */
  refund(key: string): void {
    const fullAtMs = this.#fullAt(key);
    if (fullAtMs > 0) this.#put(key, fullAtMs - this.#intervalMs);
  }

  #fullAt(key: string): number {
    return this.#young.get(key) ?? this.#old.get(key) ?? 0;
  }

  #put(key: string, fullAtMs: number): void {
    if (this.#young.size >= this.#generationMax && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#old.delete(key);
    this.#young.set(key, fullAtMs);
  }

  /** A generation lasts until the last bucket in it can have filled up. */
  #turn(nowMs: number): void {
    const lifeMs = Math.max(60_000, this.#capacity * this.#intervalMs);
    if (nowMs - this.#youngSinceMs < lifeMs) return;
    this.#youngSinceMs = nowMs;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
