/**
 * The part of the contract that a simple model checks: whatever is done to a
 * store, it answers as a sorted list of entries in a variable would.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { type Fact, fact } from "./contract_fact.ts";
import type {
  Key,
  KeyPart,
  ListOptions,
  Range,
  Store,
  Value,
} from "./store.ts";

interface Row {
  readonly key: Key;
  readonly value: Value;
  readonly version: string;
}

interface Step {
  readonly checks: readonly { readonly key: Key; readonly isStale: boolean }[];
  readonly sets: readonly { readonly key: Key; readonly value: Value }[];
  readonly deletes: readonly Key[];
  readonly list: { readonly range: Range; readonly options: ListOptions };
}

/** The facts. */
export const modelFacts: readonly Fact[] = [
  fact("answers as a sorted list of entries would", async (store) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step(store), { maxLength: 12 }),
        async (steps) => {
          await clear(store);
          let rows: readonly Row[] = [];
          for (const one of steps) {
            rows = await take(store, rows, one);
            const { range, options } = one.list;
            assert.deepEqual(
              await Array.fromAsync(store.list(range, options)),
              expected(rows, range, options),
            );
          }
          const keys = rows.map(({ key }) => key);
          assert.deepEqual(await store.getMany(keys), rows);
        },
      ),
      { numRuns: 60 },
    );
  }),
];

/** Commits a step, compares the answer, and gives back the rows that follow. */
async function take(
  store: Store,
  rows: readonly Row[],
  { checks, sets, deletes }: Step,
): Promise<readonly Row[]> {
  const versions = checks.map(({ key, isStale }) => ({
    key,
    version: isStale ? "stale" : find(rows, key)?.version,
  }));
  const result = await store.commit({ checks: versions, sets, deletes });
  assert.equal(result.ok, !checks.some(({ isStale }) => isStale));
  if (!result.ok) return rows;
  const { version } = result;
  let next = rows;
  for (const { key, value } of sets) {
    next = [...without(next, key), { key, value, version }];
  }
  for (const key of deletes) next = without(next, key);
  return next.toSorted((a, b) => compare(a.key, b.key));
}

function expected(
  rows: readonly Row[],
  range: Range,
  { after, reverse, limit }: ListOptions,
): readonly Row[] {
  const inRange = rows.filter(({ key }) =>
    "prefix" in range
      ? key.length > range.prefix.length &&
        compare(key.slice(0, range.prefix.length), range.prefix) === 0
      : compare(key, range.start) >= 0 && compare(key, range.end) < 0
  );
  const ordered = reverse ? inRange.toReversed() : inRange;
  const sign = reverse ? -1 : 1;
  return ordered
    .filter(({ key }) => after === undefined || sign * compare(key, after) > 0)
    .slice(0, limit);
}

function find(rows: readonly Row[], key: Key): Row | undefined {
  return rows.find((row) => compare(row.key, key) === 0);
}

function without(rows: readonly Row[], key: Key): readonly Row[] {
  return rows.filter((row) => compare(row.key, key) !== 0);
}

async function clear(store: Store): Promise<void> {
  const rows = await Array.fromAsync(store.list({ prefix: [] }));
  await store.commit({ deletes: rows.map(({ key }) => key) });
}

/** The order as the interface words it, without any of the code under test. */
function compare(a: Key, b: Key): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = comparePart(a[i] as KeyPart, b[i] as KeyPart);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const TYPES = ["object", "string", "bigint", "number", "boolean"];

function comparePart(a: KeyPart, b: KeyPart): number {
  const types = TYPES.indexOf(typeof a) - TYPES.indexOf(typeof b);
  if (types !== 0) return types;
  if (typeof a === "object" || typeof a === "string") {
    return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Few distinct keys, so that steps meet; all kinds of parts, next to each other. */
const part: fc.Arbitrary<KeyPart> = fc.oneof(
  fc.constantFrom("", "a", "a\0", "a\0b", "aa", "b", "\uffff", "\u{10000}"),
  fc.constantFrom(-Infinity, -2, 0, 0.5, 1, 256),
  fc.constantFrom(-257n, -1n, 0n, 255n, 256n, 2n ** 70n),
  fc.boolean(),
  fc.constantFrom(
    new Uint8Array([0]),
    new Uint8Array([0, 255]),
    new Uint8Array([1]),
  ),
);
const key: fc.Arbitrary<Key> = fc.array(part, { minLength: 1, maxLength: 3 });

function step(store: Store): fc.Arbitrary<Step> {
  const large = Math.min(store.limits.valueBytes, 5_000) - 2;
  const value: fc.Arbitrary<Value> = fc.oneof(
    { weight: 6, arbitrary: fc.integer() },
    { weight: 2, arbitrary: fc.constant({ a: ["b", null] }) },
    { weight: 1, arbitrary: fc.constant(new Uint8Array([1, 2])) },
    { weight: 1, arbitrary: fc.constant("x".repeat(large)) },
  );
  const range: fc.Arbitrary<Range> = fc.oneof(
    fc.record({ prefix: fc.array(part, { maxLength: 2 }) }),
    fc.record({ start: fc.oneof(fc.constant([]), key), end: key }),
  );
  const options = fc.record(
    { after: key, reverse: fc.boolean(), limit: fc.nat({ max: 6 }) },
    { requiredKeys: [] },
  );
  return fc.record({
    checks: fc.array(
      fc.record({
        key,
        isStale: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      }),
      { maxLength: 2 },
    ),
    sets: fc.array(fc.record({ key, value }), { maxLength: 8 }),
    deletes: fc.array(key, { maxLength: 3 }),
    list: fc.record({ range, options }),
  });
}
