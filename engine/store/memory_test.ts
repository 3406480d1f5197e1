import assert from "node:assert/strict";
import { testStore } from "./contract.ts";
import { DENO_KV_LIMITS } from "./limits.ts";
import { memoryStore } from "./memory.ts";

testStore("memoryStore()", () => {
  let time = 1_000;
  const store = memoryStore({ now: () => time });
  return { store, advance: (ms) => time += ms };
}, { hasClock: true });

Deno.test("memoryStore() lets nothing expire without a clock", async () => {
  const store = memoryStore();
  await store.commit({ sets: [{ key: ["a"], value: 1, expireInMs: 1 }] });
  assert.equal((await store.get(["a"]))?.value, 1);
});

Deno.test("memoryStore() has limits of its own where it is given some", async () => {
  const limits = { ...DENO_KV_LIMITS, valueBytes: 5 };
  const store = memoryStore({ limits });
  assert.equal(store.limits, limits);
  await store.commit({ sets: [{ key: ["a"], value: "abc" }] });
  await assert.rejects(
    store.commit({ sets: [{ key: ["a"], value: "abcd" }] }),
    /the value has 6 bytes, the limit valueBytes is 5 bytes/,
  );
});

Deno.test("memoryStore() tells watchers of entries that it forgets", async () => {
  let time = 0;
  const store = memoryStore({ now: () => time });
  await store.commit({ sets: [{ key: ["a"], value: 1, expireInMs: 10 }] });
  const { signal } = new AbortController();
  const watch = store.watch([["a"]], signal)[Symbol.asyncIterator]();
  assert.equal((await watch.next()).value[0]?.value, 1);
  const next = watch.next();
  time = 10;
  await store.commit({ sets: [{ key: ["b"], value: 1 }] });
  assert.deepEqual((await next).value, [undefined]);
  await store.close();
});

Deno.test("memoryStore() keeps many expiring entries in the order of their times", async () => {
  // Each is written several times, so that most of what the heap holds is stale.
  let time = 0;
  const store = memoryStore({ now: () => time });
  const count = 3_000;
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < count; i++) {
      const expireInMs = 1 + ((i * 7_919 + round) % count);
      await store.commit({ sets: [{ key: ["e", i], value: i, expireInMs }] });
    }
  }
  for (time = 0; time <= count; time += 500) {
    const left = await Array.fromAsync(store.list({ prefix: ["e"] }));
    assert.equal(left.length, count - time);
  }
});

Deno.test("memoryStore() keeps order and count at 20,000 keys in random order", async () => {
  // The order comes from a generator with a fixed seed; every third key goes again.
  const store = memoryStore();
  const count = 20_000;
  const order = Array.from({ length: count }, (_, i) => (i * 7_919) % count);
  for (const i of order) {
    await store.commit({ sets: [{ key: ["r", i % 5, i], value: i }] });
  }
  for (const i of order.filter((i) => i % 3 === 0)) {
    await store.commit({ deletes: [["r", i % 5, i]] });
  }
  const keys = (await Array.fromAsync(store.list({ prefix: ["r"] })))
    .map(({ key }) => [key[1], key[2]]);
  const expected = order.filter((i) => i % 3 > 0)
    .sort((a, b) => a % 5 - b % 5 || a - b).map((i) => [i % 5, i]);
  assert.deepEqual(keys, expected);
  const back =
    (await Array.fromAsync(store.list({ prefix: ["r"] }, { reverse: true })))
      .map(({ key }) => [key[1], key[2]]);
  assert.deepEqual(back, expected.toReversed());
  await Promise.all(
    order.map((i) => store.commit({ deletes: [["r", i % 5, i]] })),
  );
  assert.deepEqual(await Array.fromAsync(store.list({ prefix: [] })), []);
});
