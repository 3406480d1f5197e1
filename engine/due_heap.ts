/**
 * What falls due, the soonest first; of those due at once, the first added.
 *
 * @module
 */

/** When something falls due, and its place among those of the same time. */
export interface Due {
  readonly atMs: number;
  readonly order: number;
}

/** A binary heap: each before its two children. */
export class DueHeap<T extends Due> {
  #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** What falls due next; undefined if nothing is left. */
  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.push(item) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || isBefore(parent, item)) break;
      items[index] = parent;
      items[above] = item;
      index = above;
    }
  }

  /** Takes out what falls due next. */
  pop(): T | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let index = 0;
    while (true) {
      let below = 2 * index + 1;
      const left = items[below];
      if (left === undefined) break;
      const right = items[below + 1];
      let least = left;
      if (right !== undefined && isBefore(right, left)) {
        least = right;
        below++;
      }
      if (isBefore(last, least)) break;
      items[index] = least;
      index = below;
    }
    items[index] = last;
    return first;
  }

  /** Leaves out all others. */
  keep(isKept: (item: T) => boolean): void {
    // A sorted list is a heap.
    this.#items = this.#items.filter(isKept)
      .sort((a, b) => isBefore(a, b) ? -1 : 1);
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
