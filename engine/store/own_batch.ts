/**
 * Takes a batch over from its caller at the moment of the call, for stores that
 * hold it for a while: checked, copied, and with its keys encoded once.
 *
 * @module
 */
import { copyKey, encodeKey } from "./key.ts";
import {
  checkCommitBytes,
  checkCounts,
  checkExpiry,
  checkKeyBytes,
  checkValueBytes,
  commitBytes,
} from "./limits.ts";
import type { Batch, Check, Key, Limits, Write } from "./store.ts";
import { CHARACTER_BYTES_MAX, ValueCopier } from "./value.ts";

/** A batch that no caller can change and that no limit forbids. */
export interface OwnBatch extends Required<Batch> {
  /** The encoded keys of the checks, in their order. */
  readonly checkIds: readonly string[];
  /** The encoded keys of the sets, in their order. */
  readonly setIds: readonly string[];
  /** The encoded keys of the deletes, in their order. */
  readonly deleteIds: readonly string[];
  /** About how many bytes it is; escapes and text beyond ASCII make it more. */
  readonly bytesEstimate: number;
}

const copier = new ValueCopier();

/**
 * Copies a batch.
 *
 * @throws {RangeError} It is beyond a limit.
 * @throws {TypeError} A key or a value is none.
 */
export function ownBatch(batch: Batch, limits: Limits): OwnBatch {
  checkCounts(batch, limits);
  const own = {
    checks: [] as Check[],
    sets: [] as Write[],
    deletes: [] as Key[],
    checkIds: [] as string[],
    setIds: [] as string[],
    deleteIds: [] as string[],
    bytesEstimate: 0,
  };
  let keysBytes = 0;
  let characters = 0;
  for (const { key, version } of batch.checks ?? []) {
    keysBytes += checkKeyBytes(key, limits);
    own.checks.push({ key: copyKey(key), version });
    own.checkIds.push(encodeKey(key));
  }
  for (const { key, value, expireInMs } of batch.sets ?? []) {
    keysBytes += 2 * checkKeyBytes(key, limits);
    copier.characters = 0;
    const copy = copier.copy(value, key);
    checkValueBytes(key, copy, copier.characters, limits);
    checkExpiry(key, expireInMs);
    characters += copier.characters;
    const expiry = expireInMs === undefined ? {} : { expireInMs };
    own.sets.push({ key: copyKey(key), value: copy, ...expiry });
    own.setIds.push(encodeKey(key));
  }
  for (const key of batch.deletes ?? []) {
    keysBytes += checkKeyBytes(key, limits);
    own.deletes.push(copyKey(key));
    own.deleteIds.push(encodeKey(key));
  }
  if (keysBytes + characters * CHARACTER_BYTES_MAX > limits.commitBytes) {
    checkCommitBytes(commitBytes(batch), limits);
  }
  own.bytesEstimate = keysBytes + characters;
  return own;
}
