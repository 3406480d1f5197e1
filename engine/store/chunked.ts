/**
 * Lets a store hold values that are larger than its limit. A large value becomes
 * chunks under reserved keys, and a pointer to them under the key itself.
 *
 * The chunks are written first, under an id that is never used again; the pointer
 * comes with the caller's commit, which also requires that the chunks are still
 * there. So a value is wholly there or not at all, whoever dies when. A crash
 * leaves chunks at most that nothing points to, and `sweep` removes those.
 *
 * @module
 */
import {
  Chunks,
  isPointer,
  isReserved,
  pointerOf,
  refuseReserved,
  withoutReserved,
} from "./chunks.ts";
import { formatKey } from "./key.ts";
import { LargeWrites } from "./large_writes.ts";
import { listLimit } from "./limits.ts";
import type {
  Batch,
  Committed,
  Conflict,
  Entry,
  Key,
  Limits,
  ListOptions,
  Range,
  Store,
} from "./store.ts";

/** The default of `maxBytes`: 16 MiB. */
export const VALUE_BYTES_MAX = 16 * 1024 * 1024;

/** How large values may get. */
export interface ChunkedOptions {
  /**
   * The bytes of the largest value, which becomes the limit `valueBytes`.
   *
   * @default {VALUE_BYTES_MAX}, or what the store can hold, if that is less
   */
  readonly maxBytes?: number;
}

/** A store that also cleans up. */
export interface ChunkedStore extends Store {
  /**
   * Removes the chunks that writers who died have left, and says of how many
   * values. The first commit does it by itself. Harmless to live writers.
   */
  sweep(): Promise<number>;
}

/**
 * Keeps values over the store's `valueBytes` in chunks. In the limit `commitBytes`
 * such a value counts as little as its pointer; each takes one of the `checks`.
 * Keys that start with empty bytes are refused.
 *
 * @throws {RangeError} `maxBytes` is more than the store can ever hold.
 */
export function chunkedValues(
  store: Store,
  options: ChunkedOptions = {},
): ChunkedStore {
  return new ChunkedValues(store, options.maxBytes);
}

class ChunkedValues implements ChunkedStore {
  readonly limits: Limits;
  readonly #store: Store;
  readonly #chunks: Chunks;
  readonly #writes: LargeWrites;
  #isClosed = false;

  constructor(store: Store, given: number | undefined) {
    this.#store = store;
    this.#chunks = new Chunks(store);
    const { valueBytesMax } = this.#chunks;
    const maxBytes = given ?? Math.min(VALUE_BYTES_MAX, valueBytesMax);
    if (!Number.isSafeInteger(maxBytes) || maxBytes > valueBytesMax) {
      throw new RangeError(
        `Cannot keep values in chunks: maxBytes is ${maxBytes} bytes, ` +
          `expected at most ${valueBytesMax} bytes`,
      );
    }
    this.limits = Object.freeze({
      ...store.limits,
      valueBytes: Math.max(maxBytes, store.limits.valueBytes),
    });
    this.#writes = new LargeWrites(store, this.#chunks, this.limits);
  }

  async get(key: Key): Promise<Entry | undefined> {
    refuseReserved(key);
    const entry = await this.#store.get(key);
    return entry && isPointer(entry.value) ? this.#whole(entry) : entry;
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    for (const key of keys) refuseReserved(key);
    return await this.#wholeOfEach(await this.#store.getMany(keys));
  }

  list(range: Range, options: ListOptions = {}): AsyncIterable<Entry> {
    const limit = listLimit(options);
    if (options.after !== undefined) refuseReserved(options.after);
    const open = withoutReserved(range, options);
    return this.#list(open.range, open.options, limit);
  }

  // deno-lint-ignore require-await -- a refusal is a rejection in every store
  async commit(batch: Batch): Promise<Committed | Conflict> {
    if (this.#isClosed) throw new Error("Cannot commit: the store is closed");
    return this.#writes.isPlain(batch)
      ? this.#store.commit(batch)
      : this.#writes.commit(batch);
  }

  async *watch(
    keys: readonly Key[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly (Entry | undefined)[], void, void> {
    for (const key of keys) refuseReserved(key);
    for await (const entries of this.#store.watch(keys, signal)) {
      yield await this.#wholeOfEach(entries);
    }
  }

  sweep(): Promise<number> {
    return this.#writes.sweep();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writes.idle();
    await this.#store.close();
  }

  async *#list(
    range: Range,
    options: ListOptions,
    limit: number,
  ): AsyncGenerator<Entry, void, void> {
    let left = limit;
    let rest = options;
    while (left > 0) {
      const asked = left;
      let seen = 0;
      const most = asked === Infinity ? {} : { limit: asked };
      for await (const entry of this.#store.list(range, { ...rest, ...most })) {
        // Those come last, and only when all is listed in reverse.
        if (isReserved(entry.key)) return;
        seen++;
        rest = { ...rest, after: entry.key };
        const whole = isPointer(entry.value) ? await this.#whole(entry) : entry;
        if (whole === undefined) continue;
        yield whole;
        left--;
      }
      // Fewer than asked for is the end; a large value that vanished is not.
      if (seen < asked) return;
    }
  }

  #wholeOfEach(
    entries: readonly (Entry | undefined)[],
  ): Promise<(Entry | undefined)[]> {
    return Promise.all(
      entries.map((entry) =>
        entry && isPointer(entry.value) ? this.#whole(entry) : entry
      ),
    );
  }

  /** The entry with its value in the place of the pointer. */
  async #whole(entry: Entry): Promise<Entry | undefined> {
    for (let found: Entry | undefined = entry; found !== undefined;) {
      const pointer = pointerOf(found.value);
      if (pointer === undefined) return found;
      const value = await this.#chunks.read(pointer);
      if (value !== undefined) return Object.freeze({ ...found, value });
      // Chunks go when the key is written again, so look again; or they expire.
      const now: Entry | undefined = await this.#store.get(found.key);
      if (now?.version === found.version) {
        if (pointer.mayExpire) return undefined;
        throw new Error(
          `Cannot read ${formatKey(found.key)}: ` +
            `found not all of the ${pointer.count} chunks of its value`,
        );
      }
      found = now;
    }
    return undefined;
  }
}
