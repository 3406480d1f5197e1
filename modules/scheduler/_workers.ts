/**
 * Runs so many pieces of work at a time; others wait in a queue with a bound.
 *
 * @module
 */
import { RetryableError } from "@engine/errors.ts";

/** See the module comment. */
export class Workers {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  /**
   * Does the work when there is a place for it.
   *
   * @throws {RetryableError} if the queue is full.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#runningMax) {
      if (this.#waiting.length >= this.#waitingMax) {
        throw new RetryableError(
          `Cannot queue the job: ${this.#waitingMax} jobs wait, which is ` +
            '"queueSize"',
        );
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      // Whoever waited longest inherits the place.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
