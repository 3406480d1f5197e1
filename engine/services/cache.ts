/**
 * The contract of what keeps values for a while.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";

/** How long a value is kept. */
export interface CacheOptions {
  /** In milliseconds; 0: until room is needed. @default what the module says */
  readonly ttlMs?: number | undefined;
}

/**
 * Keeps values that can be had again from elsewhere: any of them may be gone at any
 * time. While what keeps them is away, reading finds nothing, and changing fails.
 */
export interface Cache {
  /** The value under a key; `undefined` if there is none. Never throws. */
  get(key: string): Promise<JsonValue | undefined>;
  /** Whether there is a value. Never throws. */
  has(key: string): Promise<boolean>;
  /** @throws {RetryableError} if it cannot be kept now. */
  set(key: string, value: JsonValue, options?: CacheOptions): Promise<void>;
  /**
   * Forgets a value. Returns whether there was one.
   *
   * @throws {RetryableError} if it may still be there.
   */
  delete(key: string): Promise<boolean>;
  /**
   * Adds to a whole number, which begins at 0, and returns the sum: nobody else can
   * come in between. How long it is kept counts from its beginning.
   *
   * @throws {RefusedError} `invalid-input` if what is there is no whole number.
   * @throws {RetryableError} if it cannot be done now; it may have been done.
   */
  increment(key: string, by: number, options?: CacheOptions): Promise<number>;
  /**
   * Forgets every value of this cache, and of no other.
   *
   * @throws {RetryableError} if some may still be there.
   */
  clear(): Promise<void>;
}

/** Modules that keep values for a while. */
export const Cache = defineService<Cache>(
  "cache",
  "keeps values for a while",
);
