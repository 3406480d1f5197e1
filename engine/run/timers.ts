/**
 * What falls due, in order, on one timer of the clock.
 *
 * @module
 */
import { type Due, DueHeap } from "../due_heap.ts";
import type { Clock } from "../effects.ts";

interface Timer extends Due {
  /** Absent once nobody wants it any more. */
  callback: (() => void) | undefined;
}

/** Calls back when the time has come; late, never early. */
export class Timers {
  readonly #clock: Clock;
  readonly #heap = new DueHeap<Timer>();
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
    return this.#heap.size - this.#unwanted;
  }

  /**
   * Calls back at `atMs` by the wall clock, unless what it returns is called
   * first: whoever holds much in `callback` must not be kept until then.
   */
  add(atMs: number, callback: () => void): () => void {
    const timer: Timer = { atMs, order: this.#order++, callback };
    this.#heap.push(timer);
    this.#arm();
    return () => {
      if (timer.callback === undefined) return;
      timer.callback = undefined;
      this.#unwanted++;
      this.#forget();
    };
  }

  /** Nothing is called any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#heap.keep(() => false);
    this.#unwanted = 0;
  }

  /** What nobody wants must not pile up until its time. */
  #forget(): void {
    const heap = this.#heap;
    if (this.#unwanted < UNWANTED_MIN || 2 * this.#unwanted < heap.size) return;
    heap.keep(({ callback }) => callback !== undefined);
    this.#unwanted = 0;
  }

  #arm(): void {
    const { first } = this.#heap;
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
      for (let { first } = this.#heap; first; first = this.#heap.first) {
        if (first.atMs > nowMs || this.#isClosed) break;
        this.#heap.pop();
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
}

/** From so many on, those that nobody wants are looked for. */
const UNWANTED_MIN = 64;

/** How long the clock is trusted to run evenly, in milliseconds. */
const LEG_MS_MAX = 60_000;
