/**
 * Keeps texts that are too large for one value of a store, cut into parts. A
 * text is written before the row that refers to it and removed after that row
 * is gone, so a reader never sees half of one. A crash in between leaves parts
 * that nothing refers to: wasted room, never wrong data.
 *
 * @module
 */
import type { Ids } from "./effects.ts";
import type { Key, Store } from "./store/store.ts";

/** Refers to a text. */
export type PartSet = {
  readonly id: string;
  /** How many parts it has. */
  readonly count: number;
};

/** The large texts under one prefix. */
export class RecordParts {
  readonly #store: Store;
  readonly #ids: Ids;
  readonly #prefix: Key;

  constructor(store: Store, ids: Ids, prefix: Key) {
    this.#store = store;
    this.#ids = ids;
    this.#prefix = prefix;
  }

  /** Writes a text. Nobody can find it until somebody keeps the reference. */
  async write(text: string): Promise<PartSet> {
    const { valueBytes, keyBytes, commitBytes, mutations } = this.#store.limits;
    const bytes = new TextEncoder().encode(text);
    const set = {
      id: this.#ids.next(),
      count: Math.ceil(bytes.length / valueBytes),
    };
    // The key of a set counts twice.
    const fitting = Math.floor(commitBytes / (valueBytes + 2 * keyBytes));
    const perCommit = Math.max(1, Math.min(mutations, fitting));
    for (const indexes of groups(set.count, perCommit)) {
      await this.#store.commit({
        sets: indexes.map((index) => ({
          key: this.#key(set, index),
          value: bytes.slice(index * valueBytes, (index + 1) * valueBytes),
        })),
      });
    }
    return set;
  }

  /** The text; `undefined` if it was removed, also while it is being read. */
  async read(set: PartSet): Promise<string | undefined> {
    const keys = Array.from({ length: set.count }, (_, i) => this.#key(set, i));
    const decoder = new TextDecoder();
    let text = "";
    for (const entry of await this.#store.getMany(keys)) {
      if (!(entry?.value instanceof Uint8Array)) return undefined;
      text += decoder.decode(entry.value, { stream: true });
    }
    return text + decoder.decode();
  }

  /** Removes a text. */
  async remove(set: PartSet): Promise<void> {
    const { keyBytes, commitBytes, mutations } = this.#store.limits;
    const fitting = Math.floor(commitBytes / keyBytes);
    const perCommit = Math.max(1, Math.min(mutations, fitting));
    for (const indexes of groups(set.count, perCommit)) {
      await this.#store.commit({
        deletes: indexes.map((index) => this.#key(set, index)),
      });
    }
  }

  #key(set: PartSet, index: number): Key {
    return [...this.#prefix, set.id, index];
  }
}

/** The numbers below `count`, in groups of at most `size`. */
function* groups(count: number, size: number): Generator<number[]> {
  for (let start = 0; start < count; start += size) {
    const length = Math.min(size, count - start);
    yield Array.from({ length }, (_, offset) => start + offset);
  }
}
