/**
 * The part of the contract that is about commits: checks, order, versions, expiry.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Fact, fact } from "./contract_fact.ts";
import type { Key, Store, Version } from "./store.ts";

const A: Key = ["a"];
const B: Key = ["b"];
const ABSENT = { key: A, version: undefined };

/** The facts. */
export const commitFacts: readonly Fact[] = [
  fact("writes under a check that a key is absent, once", async (store) => {
    const batch = { checks: [ABSENT], sets: [{ key: A, value: 1 }] };
    assert.equal((await store.commit(batch)).ok, true);
    assert.deepEqual(await store.commit(batch), { ok: false });
  }),
  fact("writes under a check of the version that was read", async (store) => {
    const first = await set(store, A, 1);
    const second = await store.commit({
      checks: [{ key: A, version: first }],
      sets: [{ key: A, value: 2 }],
    });
    assert.ok(second.ok);
    assert.equal((await store.get(A))?.version, second.version);
  }),
  fact(
    "changes nothing when one of the checks does not hold",
    async (store) => {
      const stale = await set(store, A, 1);
      const current = await set(store, A, 2);
      const other = await set(store, B, "kept");
      for (const version of [stale, undefined, "unknown"]) {
        const result = await store.commit({
          checks: [{ key: B, version: other }, { key: A, version }],
          sets: [{ key: A, value: 3 }, { key: ["c"], value: 3 }],
          deletes: [B],
        });
        assert.deepEqual(result, { ok: false });
      }
      const [a, b, c] = await store.getMany([A, B, ["c"]]);
      assert.deepEqual([a?.value, a?.version], [2, current]);
      assert.deepEqual([b?.value, b?.version], ["kept", other]);
      assert.equal(c, undefined);
    },
  ),
  fact("conflicts where checks of one key contradict", async (store) => {
    const version = await set(store, A, 1);
    const checks = [{ key: A, version }, ABSENT];
    for (const both of [checks, checks.toReversed()]) {
      const sets = [{ key: B, value: 1 }];
      assert.deepEqual(await store.commit({ checks: both, sets }), {
        ok: false,
      });
    }
    assert.equal(await store.get(B), undefined);
  }),
  fact(
    "gives every write a new version, and one to a whole commit",
    async (store) => {
      const seen = new Set<Version>();
      for (const value of [1, 1, 2]) {
        const result = await store.commit({
          sets: [{ key: A, value }, { key: B, value }],
        });
        assert.ok(result.ok);
        const [a, b] = await store.getMany([A, B]);
        assert.equal(a?.version, result.version);
        assert.equal(b?.version, result.version);
        seen.add(result.version);
        await store.commit({ deletes: [A] });
      }
      assert.equal(seen.size, 3);
    },
  ),
  fact(
    "keeps the version of a key that a commit does not write",
    async (store) => {
      const version = await set(store, A, 1);
      await set(store, B, 1);
      await store.commit({ checks: [{ key: A, version }] });
      assert.equal((await store.get(A))?.version, version);
    },
  ),
  fact("takes the last of several writes to one key", async (store) => {
    await store.commit({
      sets: [{ key: A, value: 1 }, { key: B, value: 1 }, { key: A, value: 2 }],
    });
    assert.equal((await store.get(A))?.value, 2);
  }),
  fact("deletes after it sets", async (store) => {
    await set(store, A, 1);
    await store.commit({
      sets: [{ key: A, value: 2 }, { key: B, value: 2 }],
      deletes: [A, ["absent"], B, A],
    });
    assert.deepEqual(await store.getMany([A, B]), [undefined, undefined]);
    assert.equal((await store.commit({ checks: [ABSENT] })).ok, true);
  }),
  fact("commits nothing, and only checks", async (store) => {
    assert.equal((await store.commit({})).ok, true);
    assert.equal((await store.commit({ checks: [ABSENT] })).ok, true);
    const version = await set(store, A, 1);
    assert.equal((await store.commit({ checks: [ABSENT] })).ok, false);
    const checks = [{ key: A, version }];
    assert.equal((await store.commit({ checks })).ok, true);
  }),
  fact(
    "reads many keys at once, absent and repeated ones, too",
    async (store) => {
      const keys = Array.from({ length: 35 }, (_, i): Key => ["many", i]);
      await store.commit({
        sets: keys.filter((_, i) => i % 3 > 0).map((key) => ({
          key,
          value: key[1] as number,
        })),
      });
      const found = await store.getMany([...keys, ["many", 1]]);
      assert.deepEqual(
        found.map((entry) => entry?.value),
        [...keys.map((_, i) => i % 3 > 0 ? i : undefined), 1],
      );
      assert.deepEqual(await store.getMany([]), []);
    },
  ),
  fact("loses no increment of 50 writers at once", async (store) => {
    const increments = 4;
    await Promise.all(Array.from({ length: 50 }, async () => {
      for (let done = 0; done < increments;) {
        const found = await store.get(A);
        const value = (found?.value as number | undefined ?? 0) + 1;
        const result = await store.commit({
          checks: [{ key: A, version: found?.version }],
          sets: [{ key: A, value }],
        });
        if (result.ok) done++;
      }
    }));
    assert.equal((await store.get(A))?.value, 50 * increments);
  }),
  fact("takes zero with either sign for one key", async (store) => {
    await set(store, ["n", -0], "negative");
    await set(store, ["n", 0], "positive");
    const found = await store.get(["n", -0]);
    assert.deepEqual([found?.key, found?.value], [["n", 0], "positive"]);
    for await (
      const { key } of store.list({ prefix: ["n"] }, { after: ["n", -0] })
    ) {
      assert.fail(`Found ${key} behind the only key`);
    }
  }),
  fact("keeps an entry at least until its time is over", async (store) => {
    const sets = [{ key: A, value: 1, expireInMs: 3_600_000 }];
    assert.equal((await store.commit({ sets })).ok, true);
    assert.equal((await store.get(A))?.value, 1);
  }),
  fact("refuses an expiry that is no time", async (store) => {
    for (const expireInMs of [0, -1, 1.5, NaN, Infinity]) {
      await assert.rejects(
        store.commit({ sets: [{ key: A, value: 1, expireInMs }] }),
        { name: "RangeError", message: /Cannot set \[.*"a"\]: expireInMs is/ },
      );
    }
    assert.equal(await store.get(A), undefined);
  }),
  fact("refuses every use after close", async (store) => {
    await set(store, A, 1);
    await store.close();
    const { signal } = new AbortController();
    const uses: (() => Promise<unknown>)[] = [
      () => store.get(A),
      () => store.getMany([A]),
      () => store.commit({ sets: [{ key: A, value: 2 }] }),
      async () => await Array.fromAsync(store.list({ prefix: [] })),
      async () => await Array.fromAsync(store.watch([A], signal)),
    ];
    for (const use of uses) await assert.rejects(use, /closed/);
    await store.close();
  }),
  fact(
    "answers the commits that were under way when it closed",
    async (store) => {
      const commits = Array.from(
        { length: 20 },
        (_, i) => set(store, ["c", i], i),
      );
      await store.close();
      assert.equal((await Promise.all(commits)).length, 20);
    },
  ),
];

async function set(
  store: Store,
  key: Key,
  value: string | number,
): Promise<Version> {
  const result = await store.commit({ sets: [{ key, value }] });
  assert.ok(result.ok);
  return result.version;
}
