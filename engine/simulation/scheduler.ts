/**
 * What happens when in a simulated world. Time stands still as long as anything
 * can go on, and then jumps to what comes next; one seed makes one order.
 *
 * @module
 */

/** The turns of the microtask queue that every promise chain in one place ends in. */
export const TURNS_DEFAULT = 150;

interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** See the module comment. */
export class Scheduler {
  /** A binary heap: each before its two children. */
  readonly #heap: Happening[] = [];
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
    this.#push(happening);
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
      const next = this.#pop();
      if (next === undefined) return false;
      if (next.isCancelled) continue;
      if (next.atMs > untilMs) {
        this.#push(next);
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

  #push(item: Happening): void {
    const heap = this.#heap;
    let index = heap.push(item) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, item)) break;
      heap[index] = parent;
      heap[above] = item;
      index = above;
    }
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let index = 0;
    while (true) {
      let below = 2 * index + 1;
      const left = heap[below];
      if (left === undefined) break;
      const right = heap[below + 1];
      let least = left;
      if (right !== undefined && isBefore(right, left)) {
        least = right;
        below++;
      }
      if (isBefore(last, least)) break;
      heap[index] = least;
      index = below;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
