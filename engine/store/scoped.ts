/**
 * A part of a store that looks like a whole one.
 *
 * @module
 */
import { firstUnder, keyBytes } from "./key.ts";
import type {
  Batch,
  Committed,
  Conflict,
  Entry,
  Key,
  KeyPart,
  Limits,
  ListOptions,
  Range,
  Store,
} from "./store.ts";

/**
 * The entries under `prefix`, with keys that do not show it. The limits leave room
 * for it; errors name whole keys. Closing it closes the view: whoever opened the
 * store closes that.
 */
export function scopedStore(store: Store, prefix: Key): Store {
  return new ScopedStore(store, prefix);
}

class ScopedStore implements Store {
  readonly limits: Limits;
  readonly #store: Store;
  readonly #prefix: Key;
  readonly #closed = new AbortController();

  constructor(store: Store, prefix: Key) {
    this.#store = store;
    // Not frozen: V8 reads frozen arrays slowly.
    this.#prefix = [...prefix];
    const { limits } = store;
    const bytes = keyBytes(prefix);
    this.limits = Object.freeze({
      ...limits,
      keyBytes: limits.keyBytes - bytes,
      // Beneath, the prefix counts with every key. So much fits whatever the batch.
      commitBytes: limits.commitBytes -
        bytes * (2 * limits.mutations + limits.checks),
    });
  }

  async get(key: Key): Promise<Entry | undefined> {
    this.#assertOpen();
    const entry = await this.#store.get(this.#inside(key));
    return entry && this.#outside(entry);
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    this.#assertOpen();
    const inside = keys.map((key) => this.#inside(key));
    const entries = await this.#store.getMany(inside);
    return entries.map((entry) => entry && this.#outside(entry));
  }

  list(range: Range, options: ListOptions = {}): AsyncIterable<Entry> {
    this.#assertOpen();
    const { after } = options;
    const inside = after === undefined ? {} : { after: this.#inside(after) };
    return this.#list(this.#insideRange(range), { ...options, ...inside });
  }

  // deno-lint-ignore require-await -- a refusal is a rejection in every store
  async commit(batch: Batch): Promise<Committed | Conflict> {
    this.#assertOpen();
    const { checks = [], sets = [], deletes = [] } = batch;
    return this.#store.commit({
      checks: checks.map(({ key, version }) => ({
        key: this.#inside(key),
        version,
      })),
      sets: sets.map(({ key, value, expireInMs }) =>
        expireInMs === undefined
          ? { key: this.#inside(key), value }
          : { key: this.#inside(key), value, expireInMs }
      ),
      deletes: deletes.map((key) => this.#inside(key)),
    });
  }

  watch(
    keys: readonly Key[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (Entry | undefined)[]> {
    this.#assertOpen();
    const inside = keys.map((key) => this.#inside(key));
    return this.#watch(inside, AbortSignal.any([signal, this.#closed.signal]));
  }

  // deno-lint-ignore require-await -- closing is asynchronous in other stores
  async close(): Promise<void> {
    this.#closed.abort();
  }

  async *#list(
    range: Range,
    options: ListOptions,
  ): AsyncGenerator<Entry, void, void> {
    for await (const entry of this.#store.list(range, options)) {
      this.#assertOpen();
      yield this.#outside(entry);
    }
  }

  async *#watch(
    keys: readonly Key[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly (Entry | undefined)[], void, void> {
    for await (const entries of this.#store.watch(keys, signal)) {
      yield entries.map((entry) => entry && this.#outside(entry));
    }
  }

  #insideRange(range: Range): Range {
    const prefix = this.#prefix;
    if ("prefix" in range) return { prefix: [...prefix, ...range.prefix] };
    // The empty key stands for the prefix itself, which is not under the prefix.
    const start = range.start.length === 0
      ? firstUnder(prefix)
      : [...prefix, ...range.start];
    return { start, end: [...prefix, ...range.end] };
  }

  #inside(key: Key): Key {
    // Refuses the empty key, which would be the prefix itself.
    if (key.length === 0) keyBytes(key);
    // Spreading and slicing are slow where an array is frozen, as keys are.
    const inside: KeyPart[] = [];
    for (const part of this.#prefix) inside.push(part);
    for (const part of key) inside.push(part);
    return inside;
  }

  #outside({ key, value, version }: Entry): Entry {
    const outside: KeyPart[] = [];
    for (let i = this.#prefix.length; i < key.length; i++) {
      outside.push(key[i] as KeyPart);
    }
    return { key: outside, value, version };
  }

  #assertOpen(): void {
    if (this.#closed.signal.aborted) {
      throw new Error("Cannot use the scoped store: it is closed");
    }
  }
}
