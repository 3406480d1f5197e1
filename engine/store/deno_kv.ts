/**
 * A store in a Deno KV database: a file of this machine, which needs nothing but
 * Deno. All of Deno KV that the engine uses is here, because it is unstable.
 *
 * Values are kept as JSON text in UTF-8. That is what the limits count, it is
 * faster to read and write than Deno KV's own form, and it is exact about what
 * JSON can hold.
 *
 * A file belongs to one process at a time. Two would keep it sound, but Deno KV
 * answers half of their commits with "database is locked", and neither watches
 * what the other writes.
 *
 * @module
 */
import { dirname } from "node:path";
import { type FileLock, lockFile } from "./file_lock.ts";
import { copyKey, encodeKey, encodeRange, formatKey } from "./key.ts";
import {
  checkCommitBytes,
  checkCounts,
  checkExactBytes,
  checkExpiry,
  checkKeyBytes,
  DENO_KV_LIMITS,
  listLimit,
} from "./limits.ts";
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
import { decodeValue, encodeValue, ValueCopier } from "./value.ts";
import { watchAll } from "./watch_all.ts";

/** The most keys that Deno KV reads or watches in one call. */
const READ_KEYS_MAX = 10;

/** The most entries that Deno KV reads at once when it lists. */
const LIST_BATCH_MAX = 500;

const VERSION = /^[0-9a-f]{20}$/;

/** What messages call the database that the platform gives. */
const PLATFORM_NAME = "deploy:";

/**
 * Opens the database file at `path`, or makes it. One process at a time may have
 * it open; `:memory:` gives a database of its own, and a URL one that is remote.
 * Without a path it is the database that the platform gives, as on Deno Deploy.
 *
 * @throws {Error} The file cannot be opened, or another store has it open.
 */
export async function denoKvStore(path?: string): Promise<Store> {
  const name = path ?? PLATFORM_NAME;
  const lock = isFile(path) ? await lockDatabase(path) : undefined;
  try {
    const kv = await Deno.openKv(path);
    // Opening is lazy: only a read tells a database from any other file.
    await kv.get([""]);
    return new DenoKvStore(kv, name, lock);
  } catch (error) {
    lock?.release();
    throw openError(name, messageOf(error), error);
  }
}

function isFile(path: string | undefined): path is string {
  return path !== undefined && path !== ":memory:" && !/^https?:/.test(path);
}

async function lockDatabase(path: string): Promise<FileLock> {
  let lock: FileLock | string;
  try {
    lock = await lockFile(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? `folder "${dirname(path)}" does not exist`
      : messageOf(error);
    throw openError(path, reason, error);
  }
  if (typeof lock !== "string") return lock;
  throw openError(
    path,
    `${lock} has it open, stop that one or use another data folder (--data)`,
  );
}

function openError(path: string, reason: string, cause?: unknown): Error {
  return new Error(`Cannot open store "${path}": ${reason}`, { cause });
}

class DenoKvStore implements Store {
  readonly limits: Limits = DENO_KV_LIMITS;
  readonly #kv: Deno.Kv;
  readonly #path: string;
  readonly #lock: FileLock | undefined;
  readonly #copier = new ValueCopier();
  readonly #commits = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(kv: Deno.Kv, path: string, lock: FileLock | undefined) {
    this.#kv = kv;
    this.#path = path;
    this.#lock = lock;
  }

  async get(key: Key): Promise<Entry | undefined> {
    this.#assertOpen();
    const kvKey = this.#kvKey(key);
    const stored = await this.#attempt(
      "read",
      () => this.#kv.get<Uint8Array>(kvKey),
    );
    return toEntry(stored);
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    this.#assertOpen();
    const groups = inGroups(keys.map((key) => this.#kvKey(key)));
    const stored = await this.#attempt("read", () =>
      Promise.all(
        groups.map((group) => this.#kv.getMany<Uint8Array[]>(group)),
      ));
    return stored.flat().map(toEntry);
  }

  list(range: Range, options: ListOptions = {}): AsyncIterable<Entry> {
    this.#assertOpen();
    const limit = listLimit(options);
    if (options.after !== undefined) this.#kvKey(options.after);
    return this.#list(selectorOf(range, options), options, limit);
  }

  async commit(batch: Batch): Promise<Committed | Conflict> {
    this.#assertOpen();
    const operation = this.#prepare(batch);
    if (operation === undefined) return { ok: false };
    const commit = operation.commit();
    this.#commits.add(commit);
    try {
      const result = await this.#attempt("commit to", () => commit);
      return result.ok
        ? { ok: true, version: result.versionstamp }
        : { ok: false };
    } finally {
      this.#commits.delete(commit);
    }
  }

  watch(
    keys: readonly Key[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (Entry | undefined)[]> {
    this.#assertOpen();
    const kvKeys = keys.map((key) => copyKey(this.#kvKey(key) as Key));
    const open = () =>
      inGroups(kvKeys).map((group) => this.#kv.watch<Uint8Array[]>(group));
    return watchAll(open, signal, toEntry);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Closing would cut off commits whose callers wait for an answer.
    await Promise.allSettled(this.#commits);
    this.#kv.close();
    this.#lock?.release();
  }

  /** Checks a batch and builds the operation; `undefined` if it must conflict. */
  #prepare(batch: Batch): Deno.AtomicOperation | undefined {
    checkCounts(batch, this.limits);
    const operation = this.#kv.atomic();
    let bytes = 0;
    let canHold = true;
    for (const { key, version } of batch.checks ?? []) {
      bytes += checkKeyBytes(key, this.limits);
      // Deno KV throws at a version that it cannot have made.
      if (version !== undefined && !VERSION.test(version)) canHold = false;
      else operation.check({ key: kvKey(key), versionstamp: version ?? null });
    }
    for (const { key, value, expireInMs } of batch.sets ?? []) {
      bytes += 2 * checkKeyBytes(key, this.limits);
      checkExpiry(key, expireInMs);
      const encoded = encodeValue(this.#copier.copy(value, key));
      const isBytes = value instanceof Uint8Array;
      checkExactBytes(key, encoded.length - (isBytes ? 1 : 0), this.limits);
      bytes += encoded.length;
      const options = expireInMs === undefined ? {} : { expireIn: expireInMs };
      operation.set(kvKey(key), encoded, options);
    }
    for (const key of batch.deletes ?? []) {
      bytes += checkKeyBytes(key, this.limits);
      operation.delete(kvKey(key));
    }
    checkCommitBytes(bytes, this.limits);
    return canHold ? operation : undefined;
  }

  async *#list(
    selector: Selector | undefined,
    options: ListOptions,
    limit: number,
  ): AsyncGenerator<Entry, void, void> {
    if (selector === undefined || limit === 0) return;
    // A bound at the start is inclusive, and so may give one entry too many.
    const { after, reverse = false } = options;
    const skipped = after === undefined || reverse
      ? undefined
      : encodeKey(after);
    const most = skipped === undefined ? limit : limit + 1;
    const found = this.#kv.list<Uint8Array>(selector, {
      reverse,
      batchSize: Math.min(most, LIST_BATCH_MAX),
      ...(limit === Infinity ? {} : { limit: most }),
    });
    for (let left = limit; left > 0;) {
      this.#assertOpen();
      const next = await this.#attempt("list", () => found.next());
      if (next.done) return;
      const entry = toEntry(next.value);
      if (entry === undefined) continue;
      if (skipped !== undefined && encodeKey(entry.key) === skipped) continue;
      yield entry;
      left--;
    }
  }

  #kvKey(key: Key): Deno.KvKey {
    checkKeyBytes(key, this.limits);
    return kvKey(key);
  }

  async #attempt<T>(attempt: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw new Error(
        `Cannot ${attempt} store "${this.#path}": ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) {
      throw new Error(`Cannot use store "${this.#path}": it is closed`);
    }
  }
}

type Selector = Deno.KvListSelector;

/** What to list, or `undefined` if nothing can be in it, which Deno KV refuses. */
function selectorOf(range: Range, options: ListOptions): Selector | undefined {
  const { after, reverse = false } = options;
  const { start, end } = encodeRange(range);
  if (start >= end) return undefined;
  const whole: Selector = "prefix" in range
    ? { prefix: kvKey(range.prefix) }
    : { start: kvKey(range.start), end: kvKey(range.end) };
  if (after === undefined) return whole;
  const id = encodeKey(after);
  if (reverse) {
    if (id <= start) return undefined;
    return id >= end ? whole : { ...whole, end: kvKey(after) } as Selector;
  }
  if (id >= end) return undefined;
  return id < start ? whole : { ...whole, start: kvKey(after) } as Selector;
}

/** Zero has a sign in a key of Deno KV and none in a key of ours. */
function kvKey(key: Key): Deno.KvKey {
  return key.some((part) => Object.is(part, -0))
    ? key.map((part) => Object.is(part, -0) ? 0 : part)
    : key;
}

function toEntry(stored: Deno.KvEntryMaybe<Uint8Array>): Entry | undefined {
  if (stored.versionstamp === null) return undefined;
  const key = Object.freeze(stored.key as Key);
  if (!(stored.value instanceof Uint8Array)) {
    throw new Error(
      `Cannot read ${formatKey(key)}: the value is of Deno KV's own form, ` +
        "expected one that this engine has written",
    );
  }
  const value = decodeValue(stored.value);
  return Object.freeze({ key, value, version: stored.versionstamp });
}

function inGroups(keys: readonly Deno.KvKey[]): Deno.KvKey[][] {
  const groups: Deno.KvKey[][] = [];
  for (let i = 0; i < keys.length; i += READ_KEYS_MAX) {
    groups.push(keys.slice(i, i + READ_KEYS_MAX));
  }
  return groups;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
