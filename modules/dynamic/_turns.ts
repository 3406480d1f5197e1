/**
 * Lets so many calls run at once; the others wait in the order in which they came.
 *
 * @module
 */
import { RetryableError } from "@engine/errors.ts";

/** Calls of one component that may wait. */
export const WAITING_MAX = 10_000;

/** See the module comment. */
export class Turns {
  readonly #atOnce: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  /** @param atOnce Infinite without a limit. */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /**
   * Runs it when it is its turn.
   *
   * @throws {RetryableError} Too many wait. The reason of the signal, if it aborts
   * before.
   */
  run<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    return this.#atOnce === Infinity ? call() : this.#run(signal, call);
  }

  async #run<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) await this.#turn(signal);
    this.#running++;
    try {
      return await call();
    } finally {
      this.#running--;
      const [next] = this.#waiting;
      next?.();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= WAITING_MAX) {
      throw new RetryableError(
        `Cannot call it: ${WAITING_MAX} calls wait, which is the limit`,
      );
    }
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const give = () => {
      this.#waiting.delete(give);
      resolve();
    };
    const stop = () => {
      this.#waiting.delete(give);
      reject(signal.reason);
    };
    this.#waiting.add(give);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", stop);
    }
    // Another may have come in between.
    if (this.#running >= this.#atOnce) await this.#turn(signal);
  }
}
