/**
 * A store in memory: the reference for what a store does, the store of tests and
 * simulations, and the fastest one. It is as durable as the process.
 *
 * A commit is done before `commit` returns its promise, so it needs no locks, and
 * batches never wait for each other.
 *
 * @module
 */
import { ExpiryHeap } from "./expiry_heap.ts";
import {
  copyKey,
  encodedBehind,
  encodeKey,
  encodeRange,
  hasBytes,
} from "./key.ts";
import {
  checkCommitBytes,
  checkCounts,
  checkExpiry,
  checkKeyBytes,
  checkValueBytes,
  commitBytes,
  DENO_KV_LIMITS,
  listLimit,
  UNIT_BYTES_MAX,
} from "./limits.ts";
import { type Leaf, SortedIndex } from "./sorted_index.ts";
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
  Value,
  Version,
} from "./store.ts";
import { CHARACTER_BYTES_MAX, freezeValue, ValueCopier } from "./value.ts";
import { Watchers } from "./watchers.ts";

/** How a memory store is opened. */
export interface MemoryStoreOptions {
  /**
   * The time in milliseconds, for `expireInMs`. Without it nothing expires, which
   * the interface allows: an entry may live longer than it must.
   */
  readonly now?: () => number;
  /** @default {DENO_KV_LIMITS} */
  readonly limits?: Limits;
}

/** How many rows `list` looks up at once. */
const LIST_BATCH = 256;

/** Opens an empty store. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options);
}

/** What is under one key. */
class Row {
  readonly id: string;
  readonly key: Key;
  value: Value;
  version: Version = "";
  expiresAt = Infinity;
  /** What readers share; made at the first read, since many rows have none. */
  entry: Entry | undefined = undefined;
  leaf: Leaf<Row> | undefined = undefined;
  isDead = false;

  constructor(id: string, key: Key, value: Value) {
    this.id = id;
    this.key = key;
    this.value = value;
  }
}

/** A batch that nothing in it forbids, copied and encoded. */
interface Prepared {
  readonly writes: readonly PreparedWrite[];
  readonly deleteIds: readonly string[];
  readonly holds: boolean;
}

interface PreparedWrite {
  readonly id: string;
  readonly key: Key;
  readonly value: Value;
  readonly expireInMs: number | undefined;
}

const NONE: readonly never[] = [];

class MemoryStore implements Store {
  readonly limits: Limits;
  readonly #now: (() => number) | undefined;
  readonly #rows = new Map<string, Row>();
  readonly #index = new SortedIndex<Row>();
  readonly #expiry = new ExpiryHeap<Row>();
  readonly #watchers = new Watchers();
  readonly #copier = new ValueCopier();
  #commits = 0;
  #isClosed = false;

  constructor(options: MemoryStoreOptions) {
    this.limits = options.limits ?? DENO_KV_LIMITS;
    this.#now = options.now;
  }

  // deno-lint-ignore require-await -- a refusal is a rejection in every store
  async get(key: Key): Promise<Entry | undefined> {
    this.#assertOpen();
    return this.#read(this.#encode(key));
  }

  // deno-lint-ignore require-await -- a refusal is a rejection in every store
  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    this.#assertOpen();
    return keys.map((key) => this.#read(this.#encode(key)));
  }

  list(range: Range, options: ListOptions = {}): AsyncIterable<Entry> {
    this.#assertOpen();
    const { after, reverse = false } = options;
    let { start, end } = encodeRange(range);
    if (after !== undefined) {
      const id = this.#encode(after);
      if (reverse) end = id < end ? id : end;
      else start = id < start ? start : encodedBehind(id);
    }
    return this.#list(start, end, reverse, listLimit(options));
  }

  // deno-lint-ignore require-await -- a refusal is a rejection in every store
  async commit(batch: Batch): Promise<Committed | Conflict> {
    this.#assertOpen();
    if (!this.#expiry.isEmpty) this.#forgetExpired();
    const prepared = this.#prepare(batch);
    return prepared.holds ? this.#apply(prepared) : { ok: false };
  }

  watch(
    keys: readonly Key[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (Entry | undefined)[]> {
    this.#assertOpen();
    const ids = keys.map((key) => this.#encode(key));
    return this.#watchers.watch(
      ids,
      signal,
      () => ids.map((id) => this.#read(id)),
    );
  }

  // deno-lint-ignore require-await -- closing is asynchronous in other stores
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watchers.close();
  }

  /** Does all that can refuse the batch, and changes nothing. */
  #prepare(batch: Batch): Prepared {
    const { checks = NONE, sets = NONE, deletes = NONE } = batch;
    checkCounts(batch, this.limits);
    const copier = this.#copier;
    let characters = 0;
    let units = 0;
    let holds = true;
    for (const { key, version } of checks) {
      const id = this.#encode(key);
      units += id.length;
      if (this.#live(id)?.version !== version) holds = false;
    }
    const writes: PreparedWrite[] = [];
    for (const { key, value, expireInMs } of sets) {
      const id = this.#encode(key);
      units += 2 * id.length;
      copier.characters = 0;
      const copy = copier.copy(value, key);
      checkValueBytes(key, copy, copier.characters, this.limits);
      checkExpiry(key, expireInMs);
      characters += copier.characters;
      writes.push({ id, key, value: copy, expireInMs });
    }
    const deleteIds: string[] = [];
    for (const key of deletes) {
      const id = this.#encode(key);
      units += id.length;
      deleteIds.push(id);
    }
    const atMost = characters * CHARACTER_BYTES_MAX + units * UNIT_BYTES_MAX;
    if (atMost > this.limits.commitBytes) {
      checkCommitBytes(commitBytes(batch), this.limits);
    }
    return { writes, deleteIds, holds };
  }

  #apply({ writes, deleteIds }: Prepared): Committed {
    const version = String(++this.#commits);
    for (const { id, key, value, expireInMs } of writes) {
      let row = this.#rows.get(id);
      if (row === undefined) {
        row = new Row(id, copyKey(key), value);
        this.#rows.set(id, row);
        this.#index.insert(row);
      }
      row.value = value;
      row.version = version;
      row.entry = undefined;
      row.expiresAt = Infinity;
      if (expireInMs !== undefined && this.#now !== undefined) {
        row.expiresAt = this.#now() + expireInMs;
        this.#expiry.add(row);
      }
    }
    for (const id of deleteIds) this.#remove(this.#rows.get(id));
    if (!this.#watchers.isEmpty) {
      for (const { id } of writes) this.#watchers.changed(id);
    }
    return { ok: true, version };
  }

  #remove(row: Row | undefined): void {
    if (row === undefined) return;
    this.#rows.delete(row.id);
    this.#index.remove(row);
    if (!this.#watchers.isEmpty) this.#watchers.changed(row.id);
  }

  #forgetExpired(): void {
    const now = this.#now?.() ?? -Infinity;
    for (const row of this.#expiry.takeExpired(now)) this.#remove(row);
  }

  #encode(key: Key): string {
    const id = encodeKey(key);
    checkKeyBytes(key, id, this.limits);
    return id;
  }

  #read(id: string): Entry | undefined {
    const row = this.#live(id);
    return row === undefined ? undefined : readRow(row);
  }

  #live(id: string): Row | undefined {
    const row = this.#rows.get(id);
    return row === undefined || this.#isExpired(row) ? undefined : row;
  }

  #isExpired(row: Row): boolean {
    return row.expiresAt !== Infinity && this.#now !== undefined &&
      row.expiresAt <= this.#now();
  }

  async *#list(
    start: string,
    end: string,
    isReverse: boolean,
    limit: number,
  ): AsyncGenerator<Entry, void, void> {
    let left = limit;
    let from = start;
    let to = end;
    while (left > 0 && from < to) {
      this.#assertOpen();
      const most = Math.min(left, LIST_BATCH);
      const rows = this.#take(from, to, isReverse, most);
      for (const row of rows) yield readRow(row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < most) return;
      left -= rows.length;
      if (isReverse) to = last.id;
      else from = encodedBehind(last.id);
    }
  }

  #take(from: string, to: string, isReverse: boolean, most: number): Row[] {
    const rows: Row[] = [];
    const visit = (row: Row): boolean => {
      if (!this.#isExpired(row)) rows.push(row);
      return rows.length < most;
    };
    if (isReverse) this.#index.scanBack(from, to, visit);
    else this.#index.scan(from, to, visit);
    return rows;
  }

  #assertOpen(): void {
    if (this.#isClosed) {
      throw new Error("Cannot use the memory store: it is closed");
    }
  }
}

/** A row's entry: shared and frozen, or, where it holds bytes, a fresh one. */
function readRow(row: Row): Entry {
  if (row.entry !== undefined) return row.entry;
  const { key, value, version } = row;
  if (value instanceof Uint8Array) {
    return { key: copyKey(key), value: new Uint8Array(value), version };
  }
  freezeValue(value);
  if (hasBytes(key)) return { key: copyKey(key), value, version };
  return row.entry = Object.freeze({ key, value, version });
}
