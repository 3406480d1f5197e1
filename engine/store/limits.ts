/**
 * The limits of stores and the one wording of every refusal. All stores have the
 * limits of Deno KV by default, so that what passes a test passes in production.
 *
 * @module
 */
import { formatKey, keyBytes } from "./key.ts";
import type { Batch, Key, Limits, ListOptions, Value } from "./store.ts";
import { CHARACTER_BYTES_MAX, encodedBytes, valueBytes } from "./value.ts";

/** What Deno KV takes; one byte of a value tells bytes from JSON. */
export const DENO_KV_LIMITS: Limits = Object.freeze({
  keyBytes: 2_048,
  valueBytes: 65_535,
  mutations: 1_000,
  checks: 100,
  commitBytes: 819_200,
});

/** Throws unless the batch has few enough checks and mutations. */
export function checkCounts(batch: Batch, limits: Limits): void {
  const checks = batch.checks?.length ?? 0;
  const mutations = (batch.sets?.length ?? 0) + (batch.deletes?.length ?? 0);
  if (checks > limits.checks) {
    throw limitError("commit", "the batch", checks, "checks", limits);
  }
  if (mutations > limits.mutations) {
    throw limitError("commit", "the batch", mutations, "mutations", limits);
  }
}

/** The size of a valid key in bytes. Throws unless it is small enough. */
export function checkKeyBytes(key: Key, limits: Limits): number {
  const bytes = keyBytes(key);
  if (bytes > limits.keyBytes) {
    const attempt = `use key ${formatKey(key)}`;
    throw limitError(attempt, "the key", bytes, "keyBytes", limits);
  }
  return bytes;
}

/** Throws unless the value is small enough; `characters` is a copier's count. */
export function checkValueBytes(
  key: Key,
  value: Value,
  characters: number,
  limits: Limits,
): void {
  if (characters * CHARACTER_BYTES_MAX <= limits.valueBytes) return;
  checkExactBytes(key, valueBytes(value), limits);
}

/** Throws unless the value, of so many bytes, is small enough. */
export function checkExactBytes(key: Key, bytes: number, limits: Limits): void {
  if (bytes > limits.valueBytes) {
    const attempt = `set ${formatKey(key)}`;
    throw limitError(attempt, "the value", bytes, "valueBytes", limits);
  }
}

/** Throws if the batch as a whole is too large. */
export function checkCommitBytes(bytes: number, limits: Limits): void {
  if (bytes > limits.commitBytes) {
    throw limitError("commit", "the batch", bytes, "commitBytes", limits);
  }
}

/** The size that the limit `commitBytes` is about. Takes as long as encoding. */
export function commitBytes(batch: Batch): number {
  let bytes = 0;
  for (const { key } of batch.checks ?? []) bytes += keyBytes(key);
  for (const key of batch.deletes ?? []) bytes += keyBytes(key);
  for (const { key, value } of batch.sets ?? []) {
    bytes += 2 * keyBytes(key) + encodedBytes(value);
  }
  return bytes;
}

/** Throws unless an expiry is a whole number of milliseconds, at least 1. */
export function checkExpiry(key: Key, expireInMs: number | undefined): void {
  if (expireInMs === undefined) return;
  if (!Number.isSafeInteger(expireInMs) || expireInMs < 1) {
    throw new RangeError(
      `Cannot set ${formatKey(key)}: expireInMs is ${expireInMs}, ` +
        "expected a whole number of milliseconds, at least 1",
    );
  }
}

/** How many entries a list may give; infinite without a limit. */
export function listLimit(options: ListOptions): number {
  const { limit } = options;
  if (limit === undefined) return Infinity;
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new RangeError(
      `Cannot list: limit is ${limit}, expected a whole number of entries`,
    );
  }
  return limit;
}

const UNITS: Readonly<Record<keyof Limits, string>> = {
  keyBytes: "bytes",
  valueBytes: "bytes",
  mutations: "mutations",
  checks: "checks",
  commitBytes: "bytes",
};

function limitError(
  attempt: string,
  subject: string,
  found: number,
  name: keyof Limits,
  limits: Limits,
): RangeError {
  const unit = UNITS[name];
  return new RangeError(
    `Cannot ${attempt}: ${subject} has ${found} ${unit}, ` +
      `the limit ${name} is ${limits[name]} ${unit}`,
  );
}
