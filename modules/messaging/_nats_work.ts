/**
 * Messages that wait for a handler, and those that are with one.
 *
 * @module
 */

/** Hands items over, so many at a time, in the order in which they came. */
export class Work<T> {
  readonly #concurrency: number;
  readonly #handle: (item: T) => void | Promise<void>;
  #waiting: T[] = [];
  /** Where in `waiting` the next one is: shifting a long list would take long. */
  #next = 0;
  readonly #underWay = new Set<T>();
  #isRunning = false;
  #whenIdle: (() => void)[] = [];

  /** `handle` must not throw. */
  constructor(
    concurrency: number,
    handle: (item: T) => void | Promise<void>,
  ) {
    this.#concurrency = concurrency;
    this.#handle = handle;
  }

  /** How many wait or are under way. */
  get size(): number {
    return this.#waiting.length - this.#next + this.#underWay.size;
  }

  push(item: T): void {
    this.#waiting.push(item);
    if (this.#isRunning || this.#underWay.size >= this.#concurrency) return;
    this.#isRunning = true;
    // A handler never runs inside of what reads the connection.
    queueMicrotask(() => this.#run());
  }

  /** All that wait or are under way. */
  items(): readonly T[] {
    return [...this.#underWay, ...this.#waiting.slice(this.#next)];
  }

  /** Takes back what no handler has seen. */
  takeWaiting(): readonly T[] {
    const rest = this.#waiting.slice(this.#next);
    this.#waiting = [];
    this.#next = 0;
    this.#tellIfIdle();
    return rest;
  }

  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #run(): void {
    this.#isRunning = true;
    while (
      this.#next < this.#waiting.length &&
      this.#underWay.size < this.#concurrency
    ) {
      const item = this.#waiting[this.#next++] as T;
      if (this.#next * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#next);
        this.#next = 0;
      }
      const done = this.#handle(item);
      if (done === undefined) continue;
      this.#underWay.add(item);
      void done.then(() => this.#finish(item));
    }
    this.#isRunning = false;
    this.#tellIfIdle();
  }

  #finish(item: T): void {
    this.#underWay.delete(item);
    if (!this.#isRunning) this.#run();
  }

  #tellIfIdle(): void {
    if (this.#whenIdle.length === 0 || this.size > 0) return;
    for (const tell of this.#whenIdle.splice(0)) tell();
  }
}
