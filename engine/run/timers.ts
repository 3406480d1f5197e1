/**
 * What falls due, in order, on one timer of the clock.
 *
 * @module
 */
import type { Clock } from "../effects.ts";

interface Due {
  readonly atMs: number;
  readonly order: number;
  /** Absent once nobody wants it any more. */
  callback: (() => void) | undefined;
}

/** Calls back when the time has come; late, never early. */
export class Timers {
  readonly #clock: Clock;
  /** A binary heap: each before its two children. */
  readonly #heap: Due[] = [];
  #order = 0;
  #cancel: () => void = () => {};
  #armedMs = Infinity;
  #isClosed = false;
  /** How many in the heap nobody wants any more. */
  #unwanted = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait. */
  get size(): number {
    return this.#heap.length - this.#unwanted;
  }

  /**
   * Calls back at `atMs` by the wall clock, unless what it returns is called
   * first: whoever holds much in `callback` must not be kept until then.
   */
  add(atMs: number, callback: () => void): () => void {
    const due: Due = { atMs, order: this.#order++, callback };
    this.#push(due);
    this.#arm();
    return () => {
      if (due.callback === undefined) return;
      due.callback = undefined;
      this.#unwanted++;
      this.#forget();
    };
  }

  /** Nothing is called any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#heap.length = 0;
    this.#unwanted = 0;
  }

  /** What nobody wants must not pile up until its time. */
  #forget(): void {
    const heap = this.#heap;
    if (this.#unwanted < UNWANTED_MIN || 2 * this.#unwanted < heap.length) {
      return;
    }
    const wanted = heap.filter(({ callback }) => callback !== undefined)
      .sort((a, b) => isBefore(a, b) ? -1 : 1);
    // A sorted list is a heap.
    heap.length = 0;
    for (const due of wanted) heap.push(due);
    this.#unwanted = 0;
  }

  #arm(): void {
    const [first] = this.#heap;
    if (first === undefined || this.#isClosed) return;
    if (first.atMs >= this.#armedMs) return;
    this.#cancel();
    this.#armedMs = first.atMs;
    const waitMs = Math.max(0, first.atMs - this.#clock.now());
    // A clock that jumps ahead must not hold back what is due for long.
    const legMs = Math.min(waitMs, LEG_MS_MAX);
    this.#cancel = this.#clock.after(legMs, () => this.#fire());
  }

  #fire(): void {
    this.#armedMs = Infinity;
    const nowMs = this.#clock.now();
    try {
      for (let first = this.#heap[0]; first; first = this.#heap[0]) {
        if (first.atMs > nowMs || this.#isClosed) break;
        this.#pop();
        const { callback } = first;
        if (callback === undefined) this.#unwanted--;
        // From now on there is nothing to take back.
        first.callback = undefined;
        callback?.();
      }
    } finally {
      // One that throws must not keep the others from being called.
      this.#arm();
    }
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let index = heap.push(due) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, due)) break;
      heap[index] = parent;
      heap[above] = due;
      index = above;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
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
  }
}

/** From so many on, those that nobody wants are looked for. */
const UNWANTED_MIN = 64;

/** How long the clock is trusted to run evenly, in milliseconds. */
const LEG_MS_MAX = 60_000;

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
