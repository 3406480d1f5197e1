/**
 * What is under way, by ascending numbers: a ring that grows.
 *
 * In place of a `Map`, which as its entries come and go leaves old tables behind;
 * each of those keeps alive what came after it, until the whole heap is looked
 * through. With many short calls that costs more than the calls.
 *
 * @module
 */

/** Something that is under way, under a number. */
export interface Numbered {
  readonly id: number;
}

/** See the module comment. */
export class Pending<T extends Numbered> {
  #slots: (T | undefined)[] = Array(FIRST_SLOTS).fill(undefined);
  #next = 1;
  #size = 0;

  /** How many are under way. */
  get size(): number {
    return this.#size;
  }

  /** A number for the next one, whose place in the ring is free. */
  nextId(): number {
    if (2 * this.#size >= this.#slots.length) this.#grow();
    const mask = this.#slots.length - 1;
    while (this.#slots[this.#next & mask] !== undefined) this.#next++;
    return this.#next++;
  }

  /** Adds one whose number `nextId` has just given. */
  add(item: T): void {
    this.#slots[item.id & (this.#slots.length - 1)] = item;
    this.#size++;
  }

  /** What a component calls a number may be anything. */
  get(id: unknown): T | undefined {
    if (typeof id !== "number") return undefined;
    const item = this.#slots[id & (this.#slots.length - 1)];
    return item?.id === id ? item : undefined;
  }

  delete({ id }: T): void {
    if (this.get(id) === undefined) return;
    this.#slots[id & (this.#slots.length - 1)] = undefined;
    this.#size--;
  }

  /** All that are under way, in the order in which they came. */
  all(): T[] {
    return this.#slots.filter((item) => item !== undefined)
      .sort((a, b) => a.id - b.id);
  }

  #grow(): void {
    const items = this.all();
    const length = 2 * this.#slots.length;
    this.#slots = Array(length).fill(undefined);
    for (const item of items) this.#slots[item.id & (length - 1)] = item;
  }
}

/** A power of two. */
const FIRST_SLOTS = 16;
