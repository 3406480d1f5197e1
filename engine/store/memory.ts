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
import { copyKey, encodeKey, encodeRange, hasBytes } from "./key.ts";
import { type KeyNode, KeyTree, type Span } from "./key_tree.ts";
import {
  checkCommitBytes,
  checkCounts,
  checkExpiry,
  checkKeyBytes,
  checkValueBytes,
  commitBytes,
  DENO_KV_LIMITS,
  listLimit,
} from "./limits.ts";
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

/** How many entries `list` takes at once; within those it is a snapshot. */
const LIST_BATCH = 256;

/** Opens an empty store. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options);
}

/** A batch that nothing in it forbids, copied and looked up. */
interface Prepared {
  readonly writes: readonly PreparedWrite[];
  /** The nodes of the deletes, where there are any yet. */
  readonly doomed: readonly (KeyNode | undefined)[];
  readonly holds: boolean;
}

interface PreparedWrite {
  readonly key: Key;
  /** `undefined` if nothing was at the key or under it. */
  readonly node: KeyNode | undefined;
  readonly value: Value;
  readonly expireInMs: number | undefined;
}

const NONE: readonly never[] = [];

class MemoryStore implements Store {
  readonly limits: Limits;
  readonly #now: (() => number) | undefined;
  readonly #tree = new KeyTree();
  readonly #expiry = new ExpiryHeap<KeyNode>();
  readonly #watchers = new Watchers();
  /** The last parts of keys that are watched, or were. */
  readonly #watchedEnds = new Set<KeyPart | undefined>();
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
    return this.#read(key);
  }

  // deno-lint-ignore require-await -- a refusal is a rejection in every store
  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    this.#assertOpen();
    return keys.map((key) => this.#read(key));
  }

  list(range: Range, options: ListOptions = {}): AsyncIterable<Entry> {
    this.#assertOpen();
    const { after, reverse = false } = options;
    const limit = listLimit(options);
    const { start, end } = encodeRange(range);
    const span = "prefix" in range
      ? { prefix: range.prefix }
      : { prefix: [], low: range.start, high: range.end };
    if (after === undefined) {
      return this.#list(start < end ? span : undefined, reverse, limit);
    }
    const id = encodeKey(after);
    checkKeyBytes(after, this.limits);
    const isBefore = id < start;
    const isBehind = id >= end;
    if (start >= end || (reverse ? isBefore : isBehind)) {
      return this.#list(undefined, reverse, limit);
    }
    const isInside = !isBefore && !isBehind;
    return this.#list(
      isInside ? cutSpan(span, after, reverse) : span,
      reverse,
      limit,
    );
  }

  // deno-lint-ignore require-await -- a refusal is a rejection in every store
  async commit(batch: Batch): Promise<Committed | Conflict> {
    this.#assertOpen();
    if (!this.#expiry.isEmpty) this.#forgetExpired();
    const prepared = this.#prepare(batch);
    return prepared.holds ? this.#apply(batch, prepared) : { ok: false };
  }

  watch(
    keys: readonly Key[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (Entry | undefined)[]> {
    this.#assertOpen();
    for (const key of keys) this.#checkKey(key);
    const own = keys.map((key) => copyKey(key));
    for (const key of own) this.#watchedEnds.add(key.at(-1));
    return this.#watchers.watch(
      own.map((key) => encodeKey(key)),
      signal,
      () => own.map((key) => this.#read(key)),
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
    const writes: PreparedWrite[] = [];
    const doomed: (KeyNode | undefined)[] = [];
    let bytesMax = 0;
    let holds = true;
    for (const { key, version } of checks) {
      const node = this.#tree.find(key);
      bytesMax += node?.keyBytes ?? this.#checkKey(key);
      if (this.#liveVersion(node) !== version) holds = false;
    }
    for (const { key, value, expireInMs } of sets) {
      const node = this.#tree.find(key);
      bytesMax += 2 * (node?.keyBytes ?? this.#checkKey(key));
      copier.characters = 0;
      const copy = copier.copy(value, key);
      checkValueBytes(key, copy, copier.characters, this.limits);
      checkExpiry(key, expireInMs);
      bytesMax += copier.characters * CHARACTER_BYTES_MAX;
      writes.push({ key, node, value: copy, expireInMs });
    }
    for (const key of deletes) {
      const node = this.#tree.find(key);
      bytesMax += node?.keyBytes ?? this.#checkKey(key);
      doomed.push(node);
    }
    if (bytesMax > this.limits.commitBytes) {
      checkCommitBytes(commitBytes(batch), this.limits);
    }
    return { writes, doomed, holds };
  }

  #apply(
    { deletes = NONE }: Batch,
    { writes, doomed }: Prepared,
  ): Committed {
    const version = String(++this.#commits);
    for (const { key, node, value, expireInMs } of writes) {
      const row = node ?? this.#tree.make(key);
      row.value = value;
      row.version = version;
      row.entry = undefined;
      row.expiresAt = undefined;
      if (expireInMs !== undefined && this.#now !== undefined) {
        row.expiresAt = this.#now() + expireInMs;
        this.#expiry.add(row, row.expiresAt);
      }
      this.#tell(key);
    }
    for (let i = 0; i < doomed.length; i++) {
      // A set of this batch may have made the node meanwhile.
      this.#remove(doomed[i] ?? this.#tree.find(deletes[i] ?? NONE));
    }
    return { ok: true, version };
  }

  #remove(row: KeyNode | undefined): void {
    if (row?.value === undefined) return;
    this.#tree.remove(row);
    if (!this.#watchers.isEmpty) this.#tell(row.key);
  }

  /** Wakes those who watch a key; of most keys that is nobody. */
  #tell(key: Key): void {
    const end = key.at(-1);
    if (this.#watchedEnds.has(end) || end instanceof Uint8Array) {
      this.#watchers.changed(encodeKey(key));
    }
  }

  #forgetExpired(): void {
    const now = this.#now?.() ?? -Infinity;
    for (const row of this.#expiry.takeExpired(now)) this.#remove(row);
  }

  #read(key: Key): Entry | undefined {
    const node = this.#tree.find(key);
    if (node === undefined) this.#checkKey(key);
    else if (this.#liveVersion(node) !== undefined) return readRow(node);
    return undefined;
  }

  /** The version of the row at a node, if there is one that has not expired. */
  #liveVersion(node: KeyNode | undefined): Version | undefined {
    if (node?.value === undefined || this.#isExpired(node)) return undefined;
    return node.version;
  }

  #isExpired(node: KeyNode): boolean {
    return node.expiresAt !== undefined && this.#now !== undefined &&
      node.expiresAt <= this.#now();
  }

  /** The size of a key in bytes; throws if it is no valid key. */
  #checkKey(key: Key): number {
    return checkKeyBytes(key, this.limits);
  }

  async *#list(
    span: Span | undefined,
    isReverse: boolean,
    limit: number,
  ): AsyncGenerator<Entry, void, void> {
    let left = limit;
    let rest = span;
    while (left > 0 && rest !== undefined) {
      this.#assertOpen();
      const most = Math.min(left, LIST_BATCH);
      const entries = this.#take(rest, isReverse, most);
      yield* entries;
      const last = entries.at(-1);
      if (last === undefined || entries.length < most) return;
      left -= entries.length;
      rest = cutSpan(rest, last.key, isReverse);
    }
  }

  #take(span: Span, isReverse: boolean, most: number): Entry[] {
    const entries: Entry[] = [];
    this.#tree.scan(span, isReverse, (row) => {
      if (!this.#isExpired(row)) entries.push(readRow(row));
      return entries.length < most;
    });
    return entries;
  }

  #assertOpen(): void {
    if (this.#isClosed) {
      throw new Error("Cannot use the memory store: it is closed");
    }
  }
}

/** What is left of a span behind a key in it, or before it when reversed. */
function cutSpan(span: Span, key: Key, isReverse: boolean): Span {
  return isReverse
    ? { ...span, high: key }
    : { ...span, low: key, isBehindLow: true };
}

/** A row's entry: shared and frozen, or, where it holds bytes, a fresh one. */
function readRow(row: KeyNode): Entry {
  if (row.entry !== undefined) return row.entry;
  const { key, version } = row;
  const value = row.value as Value;
  if (value instanceof Uint8Array) {
    return { key, value: new Uint8Array(value), version };
  }
  freezeValue(value);
  if (hasBytes(key)) return { key, value, version };
  return row.entry = Object.freeze({ key: Object.freeze(key), value, version });
}
