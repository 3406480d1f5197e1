/**
 * The part of the contract that is about limits: all is taken up to the limit, and
 * nothing beyond it, with the same words everywhere.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Fact, fact } from "./contract_fact.ts";
import { keyBytes } from "./key.ts";
import type { Batch, Key, Store, Write } from "./store.ts";

/** The facts. */
export const limitFacts: readonly Fact[] = [
  fact("takes keys up to the limit keyBytes", async (store) => {
    const most = store.limits.keyBytes;
    const fits: Key = ["k", "ü".repeat(10), "x".repeat(most - 3 - 22 - 2)];
    assert.equal(keyBytes(fits), most);
    await store.commit({ sets: [{ key: fits, value: 1 }] });
    assert.equal((await store.get(fits))?.value, 1);
    const [found] = await Array.fromAsync(
      store.list({ prefix: ["k"] }, { after: ["k", "a"] }),
    );
    assert.deepEqual(found?.key, fits);
    const behind = store.list({ prefix: ["k"] }, { after: fits });
    assert.deepEqual(await Array.fromAsync(behind), []);

    const key = [...fits.slice(0, 2), `${fits[2]}x`];
    const { signal } = new AbortController();
    const uses: (() => Promise<unknown>)[] = [
      () => store.get(key),
      () => store.getMany([key]),
      () => store.commit({ checks: [{ key, version: undefined }] }),
      () => store.commit({ sets: [{ key, value: 1 }] }),
      () => store.commit({ deletes: [key] }),
      async () => await Array.fromAsync(store.watch([key], signal)),
      async () =>
        await Array.fromAsync(store.list({ prefix: [] }, { after: key })),
    ];
    for (const use of uses) {
      await refuses(
        async () => await use(),
        /^Cannot use key \[.*"k", "ü+", "x+\.\.\.: the key has \d+ bytes, the limit keyBytes is \d+ bytes$/,
      );
    }
  }),
  fact("takes values up to the limit valueBytes", async (store) => {
    const most = store.limits.valueBytes;
    const fitting = [
      new Uint8Array(most).fill(7),
      "x".repeat(most - 2),
      // Three bytes a character, and then six.
      "漢".repeat((most - 2) / 3),
      "\x01".repeat((most - 2) / 6),
      { list: ["x".repeat(most - 13)] },
    ];
    for (const value of fitting) {
      await store.commit({ sets: [{ key: ["v"], value }] });
      assert.deepEqual((await store.get(["v"]))?.value, value);
    }
    const refused = [
      new Uint8Array(most + 1),
      "x".repeat(most - 1),
      "漢".repeat((most - 2) / 3 + 1),
      "\x01".repeat((most - 2) / 6 + 1),
    ];
    for (const value of refused) {
      await refuses(
        () => store.commit({ sets: [{ key: ["w"], value }] }),
        /^Cannot set \[.*"w"\]: the value has \d+ bytes, the limit valueBytes is \d+ bytes$/,
      );
    }
    assert.equal(await store.get(["w"]), undefined);
  }),
  fact("takes batches up to the limits mutations and checks", async (store) => {
    const { mutations, checks } = store.limits;
    const sets = Array.from({ length: mutations - 1 }, (_, i) => ({
      key: ["m", i],
      value: i,
    }));
    const absent = Array.from({ length: checks }, (_, i) => ({
      key: ["m", i],
      version: undefined,
    }));
    await refuses(
      () => store.commit({ sets, deletes: [["a"], ["b"]] }),
      /^Cannot commit: the batch has \d+ mutations, the limit mutations is \d+ mutations$/,
    );
    const more = { key: ["m"], version: undefined };
    await refuses(
      () => store.commit({ checks: [...absent, more], sets }),
      /^Cannot commit: the batch has \d+ checks, the limit checks is \d+ checks$/,
    );
    assert.equal(await count(store), 0);
    const batch: Batch = { checks: absent, sets, deletes: [["a"]] };
    assert.equal((await store.commit(batch)).ok, true);
    assert.equal(await count(store), mutations - 1);
  }),
  fact("takes batches up to the limit commitBytes", async (store) => {
    const most = store.limits.commitBytes;
    await refuses(
      () => store.commit(batchOf(most * 1.05, store)),
      /^Cannot commit: the batch has \d+ bytes, the limit commitBytes is \d+ bytes$/,
    );
    assert.equal(await count(store), 0);
    assert.equal((await store.commit(batchOf(most, store))).ok, true);
  }),
];

/** The limit to the byte, for stores that count keys as their callers do. */
export const exactLimitFacts: readonly Fact[] = [
  fact("refuses one byte beyond the limit commitBytes", async (store) => {
    const most = store.limits.commitBytes;
    await refuses(() => store.commit(batchOf(most + 1, store)), /commitBytes/);
    assert.equal((await store.commit(batchOf(most, store))).ok, true);
  }),
];

/** A batch of so many bytes: each set counts its key twice and its value once. */
function batchOf(bytes: number, { limits }: Store): Batch {
  const each = Math.ceil(limits.commitBytes / (limits.mutations - 100));
  const checks = [{ key: ["check"], version: undefined }];
  const sets: Write[] = [];
  let left = bytes - keyBytes(["check"]);
  while (left > 0) {
    const key = ["c", sets.length];
    const size = left < 2 * each ? left : each;
    const value = "x".repeat(size - 2 * keyBytes(key) - 2);
    sets.push({ key, value });
    left -= size;
  }
  return { checks, sets };
}

async function refuses(
  use: () => Promise<unknown>,
  message: RegExp,
): Promise<void> {
  await assert.rejects(use, { name: "RangeError", message });
}

async function count(store: Store): Promise<number> {
  return (await Array.fromAsync(store.list({ prefix: [] }))).length;
}
