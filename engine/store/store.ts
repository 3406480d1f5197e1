/**
 * The one interface to durable data. Entities, journals, queues and timers all
 * stand on it; a backend is a file beside this one that passes `contract.ts`.
 *
 * @module
 */

/**
 * A key is a list of parts that sorts part by part: bytes < string < bigint <
 * number < boolean, each in its natural order (the order that Deno KV has; its
 * manual swaps bigint and number). Text must be well-formed, and a number not NaN;
 * -0 is 0.
 */
export type Key = readonly KeyPart[];

/** One part of a key. */
export type KeyPart = string | number | bigint | boolean | Uint8Array;

/** Marks one state of one key. Opaque; equal if and only if nothing changed. */
export type Version = string;

/** What a store holds under a key: JSON, or bytes. */
export type Value = JsonValue | Uint8Array;

/** A value that survives `JSON.stringify` and back. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/** One key with its value, as of one version. */
export interface Entry<T = Value> {
  readonly key: Key;
  readonly value: T;
  readonly version: Version;
}

/** The keys from `start` (inclusive) to `end` (exclusive), or under a prefix. */
export type Range =
  | { readonly prefix: Key }
  | { readonly start: Key; readonly end: Key };

/** How a list is read. */
export interface ListOptions {
  /** At most so many entries. Without it: all. */
  readonly limit?: number;
  /** From the last to the first. @default {false} */
  readonly reverse?: boolean;
  /** Start behind this key (before it, when reversed). */
  readonly after?: Key;
}

/** A change that happens wholly or not at all. */
export interface Batch {
  /** Every one must hold, else nothing changes. `undefined`: the key is absent. */
  readonly checks?: readonly Check[];
  /** Written in order; a later write to the same key wins. */
  readonly sets?: readonly Write[];
  /** Removed, after the sets; an absent key is no error. */
  readonly deletes?: readonly Key[];
}

/** Requires that a key is still at a version. */
export interface Check {
  readonly key: Key;
  readonly version: Version | undefined;
}

/** Puts a value under a key. */
export interface Write {
  readonly key: Key;
  readonly value: Value;
  /** Milliseconds after which the entry may vanish. It may live a while longer. */
  readonly expireInMs?: number;
}

/** The batch is durable; `version` is that of every key it set. */
export interface Committed {
  readonly ok: true;
  readonly version: Version;
}

/** A check did not hold; nothing changed. */
export interface Conflict {
  readonly ok: false;
}

/** The bounds of a store. A larger request is a `RangeError` that names the limit. */
export interface Limits {
  /** Bytes of one key, as `keyBytes` in `key.ts` counts them. */
  readonly keyBytes: number;
  /** Bytes of one value: of its JSON text in UTF-8, or of the bytes. */
  readonly valueBytes: number;
  /** Sets and deletes in one batch. */
  readonly mutations: number;
  /** Checks in one batch. */
  readonly checks: number;
  /** Bytes of the values and keys in one batch; the key of a set counts twice. */
  readonly commitBytes: number;
}

/**
 * A durable, ordered map with atomic commits.
 *
 * - A `commit` that has returned `ok` survives a kill of the process.
 * - Reads after a returned commit see it; commits are totally ordered.
 * - `list` reads a moving picture: entries changed while it runs may appear in
 *   either state, but each key at most once.
 * - A batch is read when `commit` is called; what the caller changes later is not
 *   written. What a read returns is read-only: values are deeply frozen.
 * - After `close`, every call throws.
 */
export interface Store {
  get(key: Key): Promise<Entry | undefined>;
  getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]>;
  list(range: Range, options?: ListOptions): AsyncIterable<Entry>;
  commit(batch: Batch): Promise<Committed | Conflict>;
  /** Yields at once, then after every change; may skip states in between. */
  watch(
    keys: readonly Key[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (Entry | undefined)[]>;
  readonly limits: Limits;
  close(): Promise<void>;
}
