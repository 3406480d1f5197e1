/**
 * A store in a PostgreSQL database, for several processes at once.
 *
 * A key is a row, under bytes that sort like keys do. A commit is one call of a
 * function on the server, and so one round trip; those of all processes run one
 * after another. `postgres_schema.ts` has the SQL, and why.
 *
 * @module
 */
import {
  binaryBehind,
  binaryKey,
  binaryRange,
  compareBinary,
  keyOfBinary,
} from "./key_binary.ts";
import { checkKeyBytes, DENO_KV_LIMITS, listLimit } from "./limits.ts";
import { postgresAddress } from "./postgres_address.ts";
import { bytesArray, commitParameters } from "./postgres_batch.ts";
import { type ClientClock, PostgresClient } from "./postgres_client.ts";
import {
  type PostgresStatements,
  postgresStatements,
} from "./postgres_schema.ts";
import { PostgresWatches } from "./postgres_watch.ts";
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
import { decodeValue } from "./value.ts";

/** How a PostgreSQL store is opened. */
export interface PostgresStoreOptions {
  /** Times retries, sweeps and looks at watched keys. */
  readonly clock: ClientClock;
  /**
   * The time in milliseconds, for `expireInMs`. Without it that of the server,
   * which is the same for all processes.
   */
  readonly now?: () => number;
}

/** How often rows that have expired are removed, in milliseconds. */
export const SWEEP_MS = 60_000;

/** How many rows a sweep removes in one commit. */
const SWEEP_ROWS = 1_000;

/** How many entries `list` reads at once; those are a snapshot. */
const LIST_ROWS = 256;

/**
 * Opens the store in the database and schema that a URL names, and makes its table
 * if it is missing: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME`.
 *
 * A commit whose answer is lost with the connection throws an `UnreachableError`
 * with `mayBeCommitted`. Everything else that was not sent, or may be sent twice,
 * waits for a lost server for `RECONNECT_MS`.
 *
 * @throws {Error} The URL is none, or the server cannot be reached or refuses.
 */
export async function postgresStore(
  url: string,
  options: PostgresStoreOptions,
): Promise<Store> {
  const address = postgresAddress(url);
  const statements = postgresStatements(address.schema);
  const client = await PostgresClient.load(address, options.clock);
  try {
    const channel = await makeTable(client, statements);
    return new PostgresStore({
      ...options,
      client,
      statements,
      channel,
      shown: address.shown,
    });
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** Makes what is missing. Says where commits notify. */
async function makeTable(
  client: PostgresClient,
  { look, create }: PostgresStatements,
): Promise<string> {
  interface Found {
    readonly isMade: boolean;
    readonly channel: string;
  }
  const [before] = await client.once<Found>("open", look);
  if (before?.isMade) return before.channel;
  await client.once("open", create);
  const [after] = await client.once<Found>("open", look);
  return after?.channel ?? "";
}

interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly version: string;
}

interface Ground extends PostgresStoreOptions {
  readonly client: PostgresClient;
  readonly statements: PostgresStatements;
  readonly channel: string;
  readonly shown: string;
}

class PostgresStore implements Store {
  readonly limits: Limits = DENO_KV_LIMITS;
  readonly #ground: Ground;
  readonly #watches: PostgresWatches;
  readonly #underWay = new Set<Promise<unknown>>();
  #cancelSweep = () => {};
  #isClosed = false;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#watches = new PostgresWatches(ground);
    this.#sweepLater();
  }

  async get(key: Key): Promise<Entry | undefined> {
    const [entry] = await this.getMany([key]);
    return entry;
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    this.#assertOpen();
    return await this.#read(keys.map((key) => this.#binaryKey(key)));
  }

  list(range: Range, options: ListOptions = {}): AsyncIterable<Entry> {
    this.#assertOpen();
    const limit = listLimit(options);
    const { after, reverse = false } = options;
    let { start, end } = binaryRange(range);
    if (after !== undefined) {
      const key = this.#binaryKey(after);
      const bound = reverse ? key : binaryBehind(key);
      if (reverse && compareBinary(bound, end) < 0) end = bound;
      if (!reverse && compareBinary(bound, start) > 0) start = bound;
    }
    return this.#list(start, end, { reverse, limit });
  }

  async commit(batch: Batch): Promise<Committed | Conflict> {
    this.#assertOpen();
    const parameters = commitParameters(batch, this.limits, this.#now());
    if (parameters === undefined) return { ok: false };
    const { client, statements } = this.#ground;
    const row = await this.#track(
      client.commit<{ version: string | null }>(statements.commit, parameters),
    );
    const version = row?.version ?? undefined;
    return version === undefined ? { ok: false } : { ok: true, version };
  }

  watch(
    keys: readonly Key[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (Entry | undefined)[]> {
    this.#assertOpen();
    const binary = keys.map((key) => this.#binaryKey(key));
    return this.#watches.watch(binary, signal, () => this.#read(binary));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelSweep();
    this.#watches.close();
    const { client } = this.#ground;
    client.stopWaiting();
    // Closing would cut off those who wait for an answer.
    await Promise.allSettled(this.#underWay);
    await client.close();
  }

  async #read(keys: readonly Uint8Array[]): Promise<(Entry | undefined)[]> {
    this.#assertOpen();
    if (keys.length === 0) return [];
    const ids = keys.map((key) => key.toHex());
    const asked = bytesArray(new Set(ids));
    const { client, statements } = this.#ground;
    const rows = await this.#track(
      client.read<Row>("read", statements.read, [asked, this.#now()]),
    );
    const found = new Map(rows.map((row) => [row.key.toHex(), row]));
    return ids.map((id) => toEntry(found.get(id)));
  }

  async *#list(
    first: Uint8Array,
    behind: Uint8Array,
    { reverse, limit }: { readonly reverse: boolean; readonly limit: number },
  ): AsyncGenerator<Entry, void, void> {
    const { client, statements } = this.#ground;
    const text = reverse ? statements.listReverse : statements.list;
    let [start, end] = [first, behind];
    for (let left = limit; left > 0 && compareBinary(start, end) < 0;) {
      this.#assertOpen();
      const most = Math.min(left, LIST_ROWS);
      const rows = await this.#track(client.read<Row>("list", text, [
        `\\x${start.toHex()}`,
        `\\x${end.toHex()}`,
        this.#now(),
        most,
      ]));
      for (const row of rows) yield toEntry(row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < most) return;
      left -= rows.length;
      if (reverse) end = last.key;
      else start = binaryBehind(last.key);
    }
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#ground.clock.after(SWEEP_MS, () => {
      this.#sweep()
        // What expired is not seen anyway, and the next sweep comes soon.
        .catch(() => {})
        .finally(() => this.#isClosed || this.#sweepLater());
    });
  }

  async #sweep(): Promise<void> {
    const { client, statements } = this.#ground;
    for (let swept = SWEEP_ROWS; swept === SWEEP_ROWS && !this.#isClosed;) {
      const [row] = await this.#track(
        client.read<{ swept: number }>("sweep", statements.sweep, [
          this.#now(),
          SWEEP_ROWS,
        ]),
      );
      swept = row?.swept ?? 0;
    }
  }

  /** Has `close` wait for a call. */
  async #track<T>(call: Promise<T>): Promise<T> {
    this.#underWay.add(call);
    try {
      return await call;
    } finally {
      this.#underWay.delete(call);
    }
  }

  #binaryKey(key: Key): Uint8Array {
    checkKeyBytes(key, this.limits);
    return binaryKey(key);
  }

  #now(): number | null {
    return this.#ground.now?.() ?? null;
  }

  #assertOpen(): void {
    if (this.#isClosed) {
      throw new Error(`Cannot use store "${this.#ground.shown}": it is closed`);
    }
  }
}

function toEntry(row: Row): Entry;
function toEntry(row: Row | undefined): Entry | undefined;
function toEntry(row: Row | undefined): Entry | undefined {
  if (row === undefined) return undefined;
  const key = Object.freeze(keyOfBinary(row.key));
  const value = decodeValue(row.value);
  return Object.freeze({ key, value, version: row.version });
}
