/**
 * How many messages of a queue are unfinished, so that a full one can refuse.
 * Counted once, and from then on by what this process does; what others do shows
 * when it is counted anew.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import { RetryableError } from "../errors.ts";
import type { Key, Store } from "../store/store.ts";

/** The time between two counts of a full queue, in milliseconds. */
export const RECOUNT_MS = 10_000;

/** The same while others are known to change it, in milliseconds. */
export const RECOUNT_SOON_MS = 1_000;

/** See the module comment. */
export class Depth {
  readonly #count: () => Promise<number>;
  readonly #clock: Clock;
  #unfinished = 0;
  #counted: Promise<void> | undefined;
  #countedAt = -Infinity;
  #isStale = false;

  /** Counts the entries under `prefixes`. */
  constructor(store: Store, clock: Clock, prefixes: readonly Key[]) {
    this.#clock = clock;
    this.#count = async () => {
      let count = 0;
      for (const prefix of prefixes) {
        for await (const _ of store.list({ prefix })) count++;
      }
      return count;
    };
  }

  /**
   * Takes room for one more; `add(-1)` gives it back.
   *
   * @throws {RetryableError} if there is none.
   */
  async take(queue: string, depthMax: number): Promise<void> {
    await (this.#counted ??= this.#recount());
    const now = this.#clock.elapsed();
    const age = now - this.#countedAt;
    const ageMax = this.#isStale ? RECOUNT_SOON_MS : RECOUNT_MS;
    if (this.#unfinished >= depthMax && age >= ageMax) {
      await (this.#counted = this.#recount());
    }
    if (this.#unfinished >= depthMax) {
      throw new RetryableError(
        `Cannot send to queue "${queue}": it holds ${this.#unfinished} ` +
          `messages, the limit depthMax is ${depthMax} messages`,
        { retryAfterMs: RECOUNT_SOON_MS },
      );
    }
    this.#unfinished++;
  }

  /** How many there are, as far as this process knows. */
  async known(): Promise<number> {
    const age = this.#clock.elapsed() - this.#countedAt;
    if (this.#isStale && age >= RECOUNT_MS) this.#counted = undefined;
    await (this.#counted ??= this.#recount());
    return this.#unfinished;
  }

  /** So many more (or less) are unfinished. */
  add(messages: number): void {
    this.#unfinished = Math.max(0, this.#unfinished + messages);
  }

  /** Others have changed the queue. */
  forget(): void {
    this.#isStale = true;
  }

  async #recount(): Promise<void> {
    this.#countedAt = this.#clock.elapsed();
    this.#isStale = false;
    try {
      this.#unfinished = await this.#count();
    } catch (error) {
      this.#counted = undefined;
      throw error;
    }
  }
}
