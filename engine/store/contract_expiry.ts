/**
 * The part of the contract that is about the end of expiring entries, for stores
 * whose clock a test can move.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Fact, fact } from "./contract_fact.ts";
import type { Key, Store } from "./store.ts";

const A: Key = ["a"];
const B: Key = ["b"];

/** The facts. */
export const expiryFacts: readonly Fact[] = [
  fact("forgets an entry when its time is over", async (store, opened) => {
    await store.commit({
      sets: [{ key: A, value: 1, expireInMs: 1_000 }, { key: B, value: 2 }],
    });
    opened.advance?.(999);
    assert.deepEqual(await values(store), [1, 2]);
    opened.advance?.(1);
    assert.equal(await store.get(A), undefined);
    assert.deepEqual(await values(store), [2]);
    const absent = { key: A, version: undefined };
    assert.equal((await store.commit({ checks: [absent] })).ok, true);
  }),
  fact("counts from the last write of an entry", async (store, opened) => {
    const expiring = { value: 1, expireInMs: 10 };
    await store.commit({
      sets: [{ ...expiring, key: A }, { ...expiring, key: B }],
    });
    opened.advance?.(5);
    await store.commit({
      sets: [{ key: A, value: 2 }, { ...expiring, key: B, value: 3 }],
    });
    opened.advance?.(5);
    assert.deepEqual(await values(store), [2, 3]);
    opened.advance?.(5);
    assert.deepEqual(await values(store), [2]);
  }),
  fact("forgets a value at the limit valueBytes", async (store, opened) => {
    const value = new Uint8Array(store.limits.valueBytes).fill(1);
    await store.commit({ sets: [{ key: A, value, expireInMs: 10 }] });
    assert.deepEqual((await store.get(A))?.value, value);
    opened.advance?.(10);
    assert.equal(await store.get(A), undefined);
    assert.deepEqual(await values(store), []);
  }),
];

async function values(store: Store): Promise<unknown[]> {
  const entries = await Array.fromAsync(store.list({ prefix: [] }));
  return entries.map(({ value }) => value);
}
