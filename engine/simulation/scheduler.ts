/**
 * What happens when in a simulated world. Time stands still as long as anything
 * can go on, and then jumps to what comes next; one seed makes one order.
 *
 * @module
 */
import { type Due, DueHeap } from "../due_heap.ts";

/** The turns of the microtask queue that every promise chain in one place ends in. */
export const TURNS_DEFAULT = 150;

interface Happening extends Due {
  readonly callback: () => void;
  isCancelled: boolean;
}

/** See the module comment. */
export class Scheduler {
  readonly #heap = new DueHeap<Happening>();
  readonly #turns: () => number;
  #order = 0;
  #nowMs = 0;
  #happened = 0;

  /** @param turns How long promises may go on before the next thing happens. */
  constructor(turns: () => number = () => TURNS_DEFAULT) {
    this.#turns = turns;
  }

  /** Milliseconds since the world began. Never goes back. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** How much has happened. */
  get happened(): number {
    return this.#happened;
  }

  /** Lets something happen after a while; the returned function prevents it. */
  after(ms: number, callback: () => void): () => void {
    const atMs = this.#nowMs + Math.max(0, ms);
    const happening = {
      ...{ atMs, order: this.#order++, callback },
      isCancelled: false,
    };
    this.#heap.push(happening);
    return () => {
      happening.isCancelled = true;
    };
  }

  /** Resolves after a while. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /**
   * Lets things happen until `isDone`, or until nothing is left, or the time is
   * up; false in the latter two cases.
   */
  async run(isDone: () => boolean, limitMs: number): Promise<boolean> {
    const untilMs = this.#nowMs + limitMs;
    await this.#drain();
    while (!isDone()) {
      const next = this.#heap.pop();
      if (next === undefined) return false;
      if (next.isCancelled) continue;
      if (next.atMs > untilMs) {
        this.#heap.push(next);
        return false;
      }
      this.#nowMs = next.atMs;
      this.#happened++;
      next.callback();
      await this.#drain();
    }
    return true;
  }

  async #drain(): Promise<void> {
    for (let turn = this.#turns(); turn > 0; turn--) await undefined;
  }
}
