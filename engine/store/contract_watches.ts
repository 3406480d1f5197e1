/**
 * The part of the contract that is about watching keys.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Fact, fact } from "./contract_fact.ts";
import type { Entry, Key, Store, Value } from "./store.ts";

/** The facts. */
export const watchFacts: readonly Fact[] = [
  fact("tells what is there at once, and every change", async (store) => {
    await set(store, ["a"], 1);
    const watch = start(store, [["a"], ["b"]]);
    assert.deepEqual(await watch.next(), [1, undefined]);
    const next = watch.next();
    await set(store, ["b"], { two: 2 });
    assert.deepEqual(await next, [1, { two: 2 }]);
    await store.commit({ deletes: [["a"]] });
    assert.deepEqual(await watch.next(), [undefined, { two: 2 }]);
    await watch.stop();
  }),
  fact("tells of a new version of an equal value", async (store) => {
    await set(store, ["a"], 1);
    const watch = start(store, [["a"]]);
    await watch.next();
    await set(store, ["a"], 1);
    assert.deepEqual(await watch.next(), [1]);
    await watch.stop();
  }),
  fact("tells nothing of other keys", async (store) => {
    const watch = start(store, [["a"]]);
    assert.deepEqual(await watch.next(), [undefined]);
    const next = watch.next();
    await set(store, ["a", "under"], 1);
    await set(store, ["b"], 1);
    await set(store, ["a"], 2);
    assert.deepEqual(await next, [2]);
    await watch.stop();
  }),
  fact("tells the latest to who comes late", async (store) => {
    const watch = start(store, [["a"]]);
    await watch.next();
    for (let i = 0; i < 20; i++) await set(store, ["a"], i);
    let [value] = await watch.next();
    while (value !== 19) [value] = await watch.next();
    await watch.stop();
  }),
  fact(
    "watches more keys than one read takes, and one key twice",
    async (store) => {
      const keys: Key[] = Array.from({ length: 25 }, (_, i) => ["w", i % 24]);
      const watch = start(store, keys);
      assert.deepEqual(await watch.next(), Array(25).fill(undefined));
      await set(store, ["w", 0], "both");
      let state = await watch.next();
      while (state[0] !== state[24]) state = await watch.next();
      assert.equal(state[0], "both");
      await set(store, ["w", 23], "last");
      assert.equal((await watch.next())[23], "last");
      await watch.stop();
    },
  ),
  fact("serves several watchers of one key", async (store) => {
    const first = start(store, [["a"]]);
    const others = [start(store, [["a"]]), start(store, [["a"]])];
    for (const watch of [first, ...others]) await watch.next();
    await first.stop();
    await set(store, ["a"], 1);
    for (const watch of others) {
      assert.deepEqual(await watch.next(), [1]);
      await watch.stop();
    }
  }),
  fact(
    "ends a watch when the signal aborts, before and after",
    async (store) => {
      const controller = new AbortController();
      const iterator = store.watch([["a"]], controller.signal)
        [Symbol.asyncIterator]();
      await iterator.next();
      const next = iterator.next();
      controller.abort();
      assert.equal((await next).done, true);
      const late = await Array.fromAsync(
        store.watch([["a"]], AbortSignal.abort()),
      );
      assert.deepEqual(late, []);
    },
  ),
  fact("ends a watch that its reader leaves", async (store) => {
    const { signal } = new AbortController();
    for await (const [entry] of store.watch([["a"]], signal)) {
      if (entry !== undefined) break;
      await set(store, ["a"], 1);
    }
  }),
  fact("ends a watch when the store closes", async (store) => {
    const { signal } = new AbortController();
    const iterator = store.watch([["a"]], signal)[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    await store.close();
    assert.equal((await next).done, true);
  }),
];

function start(store: Store, keys: readonly Key[]) {
  const controller = new AbortController();
  const watch = store.watch(keys, controller.signal);
  const iterator = watch[Symbol.asyncIterator]();
  return {
    async next(): Promise<(Value | undefined)[]> {
      const { value, done } = await iterator.next();
      assert.notEqual(done, true);
      const entries = value as readonly (Entry | undefined)[];
      return entries.map((entry) => entry?.value);
    },
    async stop(): Promise<void> {
      controller.abort();
      assert.equal((await iterator.next()).done, true);
    },
  };
}

async function set(store: Store, key: Key, value: Value): Promise<void> {
  await store.commit({ sets: [{ key, value }] });
}
