/**
 * Where the parts of large values are: under reserved keys, which no caller can
 * use, in a store with small values.
 *
 * A writing has an id, a record that names its owner, and numbered chunks. The
 * record comes with the first chunks, and goes together with all of them.
 *
 * @module
 */
import { compareKeys, formatKey, keyBytes } from "./key.ts";
import type {
  Check,
  Key,
  KeyPart,
  ListOptions,
  Range,
  Store,
  Value,
  Version,
  Write,
} from "./store.ts";
import { decodeValue, encodeValue } from "./value.ts";

/**
 * Chunks of a value that expires live so much longer than it, in milliseconds:
 * a value may outlive its time a little, and is useless without its chunks.
 */
const EXPIRY_GRACE_MS = 3_600_000;

/** How many ids are taken at once, so that few commits are about ids. */
const ID_BLOCK = 100;

/** Empty bytes sort before all else, so that a range can leave them out. */
const RESERVED = new Uint8Array(0);
const NEXT_ID: Key = [RESERVED, "next"];
const RECORDS: Key = [RESERVED, "record"];
const CHUNKS: Key = [RESERVED, "chunk"];

/** Behind all reserved keys, and before all others. */
const LAST_RESERVED: Key = [RESERVED, true];
const BEHIND_RESERVED: Key = [new Uint8Array(1)];

const CHUNK_KEY_BYTES = keyBytes([...CHUNKS, 0, 0]);

/** The name that marks a pointer. A value that has it is stored in chunks. */
const POINTER = "$chunks";

/** A large value that is written. */
export interface Large {
  readonly id: number;
  readonly owner: Key;
  readonly count: number;
  /** The version of the record. */
  readonly version: Version;
}

/** What is under the key of a record. */
interface StoredRecord {
  readonly count: number;
  readonly owner: readonly string[];
}

/** What a large value's own key holds. */
export interface Pointer {
  readonly id: number;
  readonly count: number;
  readonly mayExpire: boolean;
}

/** Whether callers cannot use a key. */
export function isReserved(key: Key): boolean {
  const first = key[0];
  return first instanceof Uint8Array && first.length === 0;
}

/** Throws if callers cannot use a key. */
export function refuseReserved(key: Key): void {
  if (isReserved(key)) {
    throw new TypeError(
      `Cannot use key ${formatKey(key)}: keys that start with empty bytes ` +
        "are reserved, expected another first part",
    );
  }
}

/**
 * A range and options that leave the reserved keys out, but for those at the end
 * of a reversed list of everything.
 */
export function withoutReserved(
  range: Range,
  options: ListOptions,
): { readonly range: Range; readonly options: ListOptions } {
  if ("prefix" in range) {
    if (isReserved(range.prefix)) {
      return { range: { start: LAST_RESERVED, end: LAST_RESERVED }, options };
    }
    if (range.prefix.length > 0 || options.reverse) return { range, options };
    const after = options.after ?? LAST_RESERVED;
    return { range, options: { ...options, after } };
  }
  const { start, end } = range;
  if (compareKeys(start, BEHIND_RESERVED) >= 0) return { range, options };
  return { range: { start: BEHIND_RESERVED, end }, options };
}

/** Whether a value is a pointer, or would be taken for one. */
export function isPointer(value: Value): boolean {
  return typeof value === "object" && value !== null && POINTER in value;
}

/** The pointer that a value is, if it is one. */
export function pointerOf(value: Value): Pointer | undefined {
  if (!isPointer(value)) return undefined;
  const pointer = value as { readonly [POINTER]: unknown };
  return pointer[POINTER] as Pointer;
}

/** Reads and writes the chunks of a store. */
export class Chunks {
  readonly #store: Store;
  readonly #chunkBytes: number;
  readonly #chunksPerCommit: number;
  #nextId = 0;
  #idsEnd = 0;

  constructor(store: Store) {
    const { limits } = store;
    this.#store = store;
    this.#chunkBytes = limits.valueBytes;
    const room = limits.commitBytes - 2 * limits.keyBytes;
    const each = limits.valueBytes + 2 * CHUNK_KEY_BYTES + 1;
    this.#chunksPerCommit = Math.max(1, Math.floor(room / each));
  }

  /** The largest value that fits: its chunks and record are removed in one commit. */
  get valueBytesMax(): number {
    return (this.#store.limits.mutations - 1) * this.#chunkBytes;
  }

  /** Writes a value's chunks. Nothing points to them yet. */
  async write({ key, value, expireInMs }: Write): Promise<Large> {
    const encoded = encodeValue(value);
    const expiry = expireInMs === undefined
      ? {}
      : { expireInMs: expireInMs + EXPIRY_GRACE_MS };
    while (true) {
      const written = await this.#writeOnce(key, encoded, expiry);
      if (written !== undefined) return written;
      // A sweep elsewhere took the unfinished writing for a dead one.
    }
  }

  /** The write that makes the owner point to its chunks. */
  pointer({ key, expireInMs }: Write, { id, count }: Large): Write {
    const mayExpire = expireInMs !== undefined;
    const value = { [POINTER]: { id, count, mayExpire } };
    return { key, value, ...(mayExpire ? { expireInMs } : {}) };
  }

  /** Holds as long as no sweep has removed the chunks. */
  check({ id, version }: Large): Check {
    return { key: recordKey(id), version };
  }

  /** The value in the chunks, or `undefined` if they are not all there. */
  async read({ id, count }: Pointer): Promise<Value | undefined> {
    const keys = Array.from({ length: count }, (_, i) => chunkKey(id, i));
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (const entry of await this.#store.getMany(keys)) {
      if (!(entry?.value instanceof Uint8Array)) return undefined;
      chunks.push(entry.value);
      length += entry.value.length;
    }
    const encoded = new Uint8Array(length);
    let offset = 0;
    for (const chunk of chunks) {
      encoded.set(chunk, offset);
      offset += chunk.length;
    }
    return decodeValue(encoded);
  }

  /** Whether no sweep has removed the chunks. */
  async isIntact({ id, version }: Large): Promise<boolean> {
    const entry = await this.#store.get(recordKey(id));
    return entry?.version === version;
  }

  /** Removes chunks to which nothing points, if the checks hold. */
  async discard(
    { id, count }: Large,
    checks: readonly Check[] = [],
  ): Promise<boolean> {
    const deletes = Array.from({ length: count }, (_, i) => chunkKey(id, i));
    const result = await this.#store.commit({
      checks,
      deletes: [recordKey(id), ...deletes],
    });
    return result.ok;
  }

  /** All writings there are, finished or not. */
  async *records(): AsyncGenerator<Large, void, void> {
    for await (const entry of this.#store.list({ prefix: RECORDS })) {
      const id = entry.key[RECORDS.length] as number;
      const { count, owner } = entry.value as unknown as StoredRecord;
      yield { id, owner: owner.map(readPart), count, version: entry.version };
    }
  }

  async #writeOnce(
    owner: Key,
    encoded: Uint8Array,
    expiry: { readonly expireInMs?: number },
  ): Promise<Large | undefined> {
    const id = await this.#takeId();
    const count = Math.ceil(encoded.length / this.#chunkBytes);
    const value = { count, owner: owner.map(writePart) };
    const record = { key: recordKey(id), value, ...expiry };
    const sets: Write[] = [];
    for (let i = 0; i < count; i++) {
      const start = i * this.#chunkBytes;
      const value = encoded.subarray(start, start + this.#chunkBytes);
      sets.push({ key: chunkKey(id, i), value, ...expiry });
    }
    const first = sets.splice(0, this.#chunksPerCommit);
    const begun = await this.#store.commit({ sets: [record, ...first] });
    if (!begun.ok) return undefined;
    const large = { id, owner, count, version: begun.version };
    const checks = [this.check(large)];
    while (sets.length > 0) {
      const next = sets.splice(0, this.#chunksPerCommit);
      const result = await this.#store.commit({ checks, sets: next });
      if (!result.ok) return undefined;
    }
    return large;
  }

  async #takeId(): Promise<number> {
    while (this.#nextId === this.#idsEnd) {
      const entry = await this.#store.get(NEXT_ID);
      const start = typeof entry?.value === "number" ? entry.value : 0;
      const result = await this.#store.commit({
        checks: [{ key: NEXT_ID, version: entry?.version }],
        sets: [{ key: NEXT_ID, value: start + ID_BLOCK }],
      });
      if (!result.ok) continue;
      this.#nextId = start;
      this.#idsEnd = start + ID_BLOCK;
    }
    return this.#nextId++;
  }
}

function recordKey(id: number): Key {
  return [...RECORDS, id];
}

function chunkKey(id: number, i: number): Key {
  return [...CHUNKS, id, i];
}

/** A part of a key as text, for JSON has not all of them. */
function writePart(part: KeyPart): string {
  return `${typeof part}:${part}`;
}

function readPart(text: string): KeyPart {
  const colon = text.indexOf(":");
  const rest = text.slice(colon + 1);
  switch (text.slice(0, colon)) {
    case "string":
      return rest;
    case "number":
      return Number(rest);
    case "bigint":
      return BigInt(rest);
    case "boolean":
      return rest === "true";
    default:
      return new Uint8Array(rest === "" ? [] : rest.split(",").map(Number));
  }
}
