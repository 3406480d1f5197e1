/**
 * Bounds how much expensive work goes on at once, and how much of it waits.
 *
 * @module
 */

/** Too much work waits already; nothing was done. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

/** The bounds. */
export interface GateOptions {
  readonly atOnce: number;
  readonly waitingMax: number;
}

/** Lets work through in the order in which it came. */
export class Gate {
  readonly #options: GateOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** @throws {BusyError} if as much waits already as may. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      // The place goes to the next one without becoming free in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #enter(): Promise<void> | void {
    const { atOnce, waitingMax } = this.#options;
    if (this.#running < atOnce) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= waitingMax) {
      throw new BusyError(
        `Cannot begin: ${waitingMax} others wait already`,
      );
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
