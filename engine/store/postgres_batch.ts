/**
 * Turns a batch into the parameters of the commit of a PostgreSQL store.
 *
 * @module
 */
import { binaryKey } from "./key_binary.ts";
import {
  checkCommitBytes,
  checkCounts,
  checkExactBytes,
  checkExpiry,
  checkKeyBytes,
} from "./limits.ts";
import type { Parameter } from "./postgres_client.ts";
import { touchedPayload } from "./postgres_watch.ts";
import type { Batch, Limits } from "./store.ts";
import { encodeValue, ValueCopier } from "./value.ts";

/** A version that a PostgreSQL store can have made: a number of its sequence. */
const VERSION = /^[1-9]\d{0,17}$/;

const copier = new ValueCopier();

/** The value of a key, in hexadecimal text. */
interface Content {
  readonly hex: string;
  readonly expireInMs: number | undefined;
}

/**
 * The parameters, in the order of the function's; `undefined` if the batch must
 * conflict. `nowMs` is null where the server's clock is used.
 *
 * @throws {RangeError} It is beyond a limit.
 * @throws {TypeError} A key or a value is none.
 */
export function commitParameters(
  batch: Batch,
  limits: Limits,
  nowMs: number | null,
): Parameter[] | undefined {
  checkCounts(batch, limits);
  const checks: string[] = [];
  const versions: (string | undefined)[] = [];
  // The server takes each key once: the last set of it, or its delete.
  const sets = new Map<string, Content>();
  const deletes = new Set<string>();
  const touched = new Map<string, Uint8Array>();
  let bytes = 0;
  let canHold = true;
  for (const { key, version } of batch.checks ?? []) {
    bytes += checkKeyBytes(key, limits);
    // The server could not read a version that it cannot have made.
    if (version !== undefined && !VERSION.test(version)) canHold = false;
    checks.push(binaryKey(key).toHex());
    versions.push(version);
  }
  for (const { key, value, expireInMs } of batch.sets ?? []) {
    bytes += 2 * checkKeyBytes(key, limits);
    checkExpiry(key, expireInMs);
    const encoded = encodeValue(copier.copy(value, key));
    const isBytes = value instanceof Uint8Array;
    checkExactBytes(key, encoded.length - (isBytes ? 1 : 0), limits);
    bytes += encoded.length;
    const binary = binaryKey(key);
    const id = binary.toHex();
    touched.set(id, binary);
    sets.set(id, { hex: encoded.toHex(), expireInMs });
  }
  for (const key of batch.deletes ?? []) {
    bytes += checkKeyBytes(key, limits);
    const binary = binaryKey(key);
    const id = binary.toHex();
    touched.set(id, binary);
    sets.delete(id);
    deletes.add(id);
  }
  checkCommitBytes(bytes, limits);
  if (!canHold) return undefined;
  const contents = [...sets.values()];
  return [
    bytesArray(checks),
    textArray(versions),
    bytesArray(sets.keys()),
    bytesArray(contents.map(({ hex }) => hex)),
    textArray(contents.map(({ expireInMs }) => expireInMs)),
    bytesArray(deletes),
    touchedPayload([...touched.values()]),
    nowMs,
  ];
}

/** An array of bytes in PostgreSQL's text form, which doubles the backslash. */
export function bytesArray(hexes: Iterable<string>): string {
  return textArray(Array.from(hexes, (hex) => `\\\\x${hex}`));
}

/** An array in PostgreSQL's text form, of what needs no quotes. */
function textArray(items: readonly (string | number | undefined)[]): string {
  return `{${items.map((item) => item ?? "NULL").join(",")}}`;
}
