/**
 * Knows which row expires next, so that a memory store forgets expired rows
 * without a timer and without looking at the others.
 *
 * @module
 */

/** A row that may expire. */
export interface Expiring {
  /** Milliseconds since the epoch; `undefined`: never, or the row is gone. */
  readonly expiresAt: number | undefined;
}

interface Item<Row> {
  readonly expiresAt: number;
  readonly row: Row;
}

/** Below so many items, stale ones are not worth a rebuild. */
const REBUILD_MIN = 1_024;

/** A binary heap of rows by the time at which they expire. */
export class ExpiryHeap<Row extends Expiring> {
  #items: Item<Row>[] = [];
  #rebuildAt = REBUILD_MIN;

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Notes that the row, whose `expiresAt` is this, expires then. */
  add(row: Row, expiresAt: number): void {
    if (this.#items.length >= this.#rebuildAt) this.#rebuild();
    this.#items.push({ expiresAt, row });
    this.#up(this.#items.length - 1);
  }

  /** Takes out the rows that have expired at `now`; may name one twice. */
  takeExpired(now: number): Row[] {
    const expired: Row[] = [];
    for (let top = this.#items[0]; top !== undefined; top = this.#items[0]) {
      if (top.expiresAt > now) break;
      this.#removeTop();
      if (isCurrent(top)) expired.push(top.row);
    }
    return expired;
  }

  /** Rows that were written again or removed leave items behind: drop those. */
  #rebuild(): void {
    const current = this.#items.filter(isCurrent);
    // A sorted array is a heap.
    this.#items = current.sort((a, b) => a.expiresAt - b.expiresAt);
    this.#rebuildAt = Math.max(REBUILD_MIN, current.length * 2);
  }

  #removeTop(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    this.#items[0] = last;
    this.#down(0);
  }

  #up(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (this.#time(parent) <= this.#time(at)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(start: number): void {
    let at = start;
    while (true) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = this.#time(right) < this.#time(left) ? right : left;
      if (this.#time(at) <= this.#time(child)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #time(at: number): number {
    return this.#items[at]?.expiresAt ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const first = this.#items[a];
    const second = this.#items[b];
    if (first === undefined || second === undefined) return;
    this.#items[a] = second;
    this.#items[b] = first;
  }
}

function isCurrent(item: Item<Expiring>): boolean {
  return item.row.expiresAt === item.expiresAt;
}
