import assert from "node:assert/strict";
import { join } from "node:path";
import { testStore } from "./contract.ts";
import { denoKvStore } from "./deno_kv.ts";
import { groupCommit } from "./group_commit.ts";
import { DENO_KV_LIMITS } from "./limits.ts";
import { memoryStore } from "./memory.ts";
import type { Batch, Limits, Store } from "./store.ts";
import { UnreachableError } from "./unreachable.ts";

testStore("groupCommit() over memory", () => {
  let time = 1_000;
  const store = groupCommit(memoryStore({ now: () => time }));
  return { store, advance: (ms) => time += ms };
}, { hasClock: true });

testStore("groupCommit() over Deno KV", async () => {
  const folder = await Deno.makeTempDir();
  return {
    store: groupCommit(await denoKvStore(join(folder, "test.db"))),
    dispose: () => Deno.remove(folder, { recursive: true }),
  };
});

Deno.test("groupCommit() merges what comes at once into one commit", async () => {
  const { store, commits } = recorded();
  const results = await Promise.all(
    range(100).map((i) => store.commit({ sets: [set(i)] })),
  );
  assert.equal(commits.length, 1);
  assert.equal(results.every(({ ok }) => ok), true);
});

Deno.test("groupCommit() takes along who comes back after the last commit", async () => {
  // Each of 50 writers commits 10 times, with some turns of other work between.
  const { store, commits } = recorded();
  await Promise.all(
    range(50).map(async (writer) => {
      for (const i of range(10)) {
        await store.commit({ sets: [set(100 * writer + i)] });
        for (const _ of range(writer % 10)) await undefined;
      }
    }),
  );
  assert.equal(commits.length, 10);
});

Deno.test("groupCommit() keeps batches that touch one key apart, in order", async () => {
  const { store, commits } = recorded();
  const results = await Promise.all([
    store.commit({ sets: [{ key: ["a"], value: 1 }, set(1)] }),
    store.commit({ sets: [{ key: ["a"], value: 2 }, set(2)] }),
    store.commit({ deletes: [["k", 2]], sets: [set(3)] }),
    store.commit({ checks: [{ key: ["k", 3], version: undefined }] }),
    store.commit({ sets: [set(4)] }),
  ]);
  assert.deepEqual(results.map(({ ok }) => ok), [
    true,
    true,
    true,
    false,
    true,
  ]);
  // The first group takes the last along, which touches nothing of the others.
  assert.deepEqual(commits.map(({ sets = [] }) => sets.length), [3, 2, 1, 0]);
  const versions = results.map((result) => result.ok && result.version);
  assert.notEqual(versions[0], versions[1]);
  assert.equal((await store.get(["a"]))?.version, versions[1]);
  assert.equal(await store.get(["k", 2]), undefined);
});

Deno.test("groupCommit() lets no batch overtake one that waits", async () => {
  // The second waits for the first; the third must wait for the second, though it
  // touches nothing of the first.
  const { store, commits } = recorded();
  await Promise.all([
    store.commit({ sets: [{ key: ["a"], value: 1 }] }),
    store.commit({
      checks: [{ key: ["b"], version: undefined }],
      sets: [{ key: ["a"], value: 2 }],
    }),
    store.commit({ sets: [{ key: ["b"], value: 3 }] }),
  ]).then((results) => assert.equal(results.every(({ ok }) => ok), true));
  assert.equal(commits.length, 2);
  assert.deepEqual((await store.get(["a"]))?.value, 2);
});

Deno.test("groupCommit() makes a check that many make once", async () => {
  // More batches than checks fit into a commit, all fenced by the same keys.
  const { store, commits } = recorded();
  const fence = range(60).map((i) => ({
    key: ["fence", i],
    version: undefined,
  }));
  const results = await Promise.all(
    range(200).map((i) => store.commit({ checks: fence, sets: [set(i)] })),
  );
  assert.equal(results.every(({ ok }) => ok), true);
  assert.deepEqual(commits.map(({ checks = [] }) => checks.length), [60]);
});

Deno.test("groupCommit() keeps checks of one key apart that cannot both hold", async () => {
  const { store, commits } = recorded();
  const results = await Promise.all(
    [undefined, "stale"].map((version) =>
      store.commit({ checks: [{ key: ["a"], version }] })
    ),
  );
  assert.deepEqual(results.map(({ ok }) => ok), [true, false]);
  assert.deepEqual(commits.map(({ checks = [] }) => checks.length), [1, 1]);
});

Deno.test("groupCommit() lets only those conflict whose checks fail", async () => {
  const { store, commits } = recorded();
  await store.commit({ sets: [{ key: ["taken"], value: 0 }] });
  commits.length = 0;
  const taken = { key: ["taken"], version: undefined };
  const results = await Promise.all(
    range(60).map((i) =>
      store.commit({
        checks: i % 20 === 0
          ? [taken]
          : [{ key: ["k", i], version: undefined }],
        sets: [set(i)],
      })
    ),
  );
  assert.deepEqual(
    results.map(({ ok }) => ok),
    range(60).map((i) => i % 20 > 0),
  );
  const found = await Array.fromAsync(store.list({ prefix: ["k"] }));
  assert.deepEqual(
    found.map(({ value }) => value),
    range(60).filter((i) => i % 20 > 0),
  );
  // One attempt with all, and one without those that conflict.
  assert.equal(commits.length, 2);
});

Deno.test("groupCommit() tries each alone when a merged commit throws", async () => {
  // This store refuses one value, as a full disk or a hidden limit may.
  const memory = memoryStore();
  const store = groupCommit({
    ...bound(memory),
    commit: (batch) => {
      const isBad = batch.sets?.some(({ value }) => value === "bad");
      return isBad
        ? Promise.reject(new Error("Cannot write: bad"))
        : memory.commit(batch);
    },
  });
  const values = ["a", "bad", "c", "d"];
  const results = await Promise.allSettled(
    values.map((value, i) =>
      store.commit({ sets: [{ key: ["k", i], value }] })
    ),
  );
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled", "fulfilled"],
  );
  const found = await Array.fromAsync(store.list({ prefix: ["k"] }));
  assert.deepEqual(found.map(({ value }) => value), ["a", "c", "d"]);
});

Deno.test("groupCommit() tries none again when nobody knows whether the merged commit happened", async () => {
  // This store commits, and then loses the answer: each alone would find itself.
  const memory = memoryStore();
  let commits = 0;
  const store = groupCommit({
    ...bound(memory),
    commit: async (batch) => {
      const result = await memory.commit(batch);
      if (commits++ > 0) return result;
      throw new UnreachableError("Cannot tell", { mayBeCommitted: true });
    },
  });
  const results = await Promise.allSettled(
    range(3).map((i) =>
      store.commit({
        checks: [{ key: ["k", i], version: undefined }],
        sets: [set(i)],
      })
    ),
  );
  for (const result of results) {
    assert.equal(result.status, "rejected");
    assert.ok(result.reason instanceof UnreachableError);
  }
  assert.equal(commits, 1);
  assert.equal((await store.commit({ sets: [set(3)] })).ok, true);
});

Deno.test("groupCommit() reports a store that is lost while it looks for conflicts", async () => {
  const memory = memoryStore();
  await memory.commit({ sets: [set(0)] });
  const store = groupCommit({
    ...bound(memory),
    getMany: () => Promise.reject(new UnreachableError("Cannot read")),
  });
  const results = await Promise.allSettled(
    range(3).map((i) =>
      store.commit({
        checks: [{ key: ["k", i], version: undefined }],
        sets: [set(i)],
      })
    ),
  );
  // Nothing of a conflict happens, so nobody would have done it twice.
  assert.equal(results.every(({ status }) => status === "rejected"), true);
  assert.equal((await Array.fromAsync(memory.list({ prefix: [] }))).length, 1);
});

Deno.test("groupCommit() refuses a batch by itself, before it is in a group", async () => {
  const { store, commits } = recorded();
  const [good, bad] = await Promise.allSettled([
    store.commit({ sets: [set(1)] }),
    store.commit({ sets: [{ key: ["k", 2], value: NaN }] }),
  ]);
  assert.equal(good?.status, "fulfilled");
  assert.equal(bad?.status, "rejected");
  assert.equal(commits.length, 1);
});

Deno.test("groupCommit() keeps groups within the limits", async () => {
  const limits: Limits = {
    ...DENO_KV_LIMITS,
    mutations: 10,
    checks: 7,
    commitBytes: 4_000,
  };
  const { store, commits } = recorded(limits);
  await Promise.all([
    ...range(35).map((i) =>
      store.commit({ sets: [set(i)], deletes: [["d", i]] })
    ),
    ...range(30).map((i) =>
      store.commit({ checks: [{ key: ["absent", i], version: undefined }] })
    ),
    ...range(30).map((i) =>
      store.commit({ sets: [{ key: ["large", i], value: "x".repeat(500) }] })
    ),
  ]);
  for (const { checks = [], sets = [], deletes = [] } of commits) {
    assert.ok(sets.length + deletes.length <= limits.mutations);
    assert.ok(checks.length <= limits.checks);
  }
  // 35 pairs in fives, 30 checks in sevens, 30 large in threes, some of them mixed.
  assert.ok(commits.length <= 7 + 5 + 10, `made ${commits.length} commits`);
});

Deno.test("groupCommit() commits text that is larger than it looks", async () => {
  // Three bytes a character: twice what a group is estimated to have room for.
  const { store, commits } = recorded();
  const results = await Promise.all(
    range(20).map((i) =>
      store.commit({ sets: [{ key: ["k", i], value: "漢".repeat(21_000) }] })
    ),
  );
  assert.equal(results.every(({ ok }) => ok), true);
  // The merged commit was refused, and then each was tried alone.
  assert.ok((commits[0]?.sets?.length ?? 0) > 13);
});

function recorded(limits: Limits = DENO_KV_LIMITS) {
  const commits: Batch[] = [];
  const memory = memoryStore({ limits });
  const store = groupCommit({
    ...bound(memory),
    commit: (batch) => {
      commits.push(batch);
      return memory.commit(batch);
    },
  });
  return { store, commits };
}

function bound(store: Store): Store {
  return {
    limits: store.limits,
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    commit: (batch) => store.commit(batch),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
  };
}

function set(i: number) {
  return { key: ["k", i], value: i };
}

function range(count: number): number[] {
  return [...Array(count).keys()];
}
