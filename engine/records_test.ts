import assert from "node:assert/strict";
import { recordsOver } from "./records.ts";
import type { Collection, Resource } from "./services/persistence.ts";
import { simulatedEffects } from "./simulation/effects.ts";
import { chunkedValues } from "./store/chunked.ts";
import { memoryStore } from "./store/memory.ts";
import type { Key, Store } from "./store/store.ts";

function openRecords(store: Store = memoryStore()) {
  const effects = simulatedEffects();
  const records = recordsOver(store, effects);
  return { effects, store, records, orders: records.collection("orders") };
}

async function ids(resources: AsyncIterable<Resource>): Promise<string[]> {
  return (await Array.fromAsync(resources)).map(({ id }) => id);
}

async function keysOf(store: Store, prefix: Key): Promise<number> {
  return (await Array.fromAsync(store.list({ prefix }))).length;
}

async function fill(orders: Collection, names: readonly string[]) {
  for (const name of names) await orders.create(name, { name });
}

Deno.test("recordsOver() gives back what was created", async () => {
  const { orders, effects } = openRecords();
  const marks = { owner: "ann", state: "open" };
  const created = await orders.create("o1", { sum: 3 }, marks);
  assert.deepEqual(await orders.get("o1"), created);
  assert.deepEqual(created?.data, { sum: 3 });
  assert.deepEqual(created?.marks, marks);
  assert.equal(created?.createdAt, effects.clock.now());
  assert.equal(created?.updatedAt, effects.clock.now());
});

Deno.test("recordsOver() keeps types apart and shares one by name", async () => {
  const { records, orders } = openRecords();
  await orders.create("1", { kind: "order" });
  assert.equal(await records.collection("users").get("1"), undefined);
  const again = await records.collection("orders").get("1");
  assert.deepEqual(again?.data, { kind: "order" });
});

Deno.test("create() refuses an id that is taken and changes nothing", async () => {
  const { orders, store } = openRecords();
  await orders.create("o1", { sum: 1 });
  assert.equal(await orders.create("o1", { sum: 2 }), undefined);
  assert.deepEqual((await orders.get("o1"))?.data, { sum: 1 });
  assert.equal(await keysOf(store, ["resource", "orders"]), 1);
});

Deno.test("create() lets one of two that compete win", async () => {
  const { orders } = openRecords();
  const results = await Promise.all(
    [1, 2, 3].map((sum) => orders.create("o1", { sum })),
  );
  assert.equal(results.filter((result) => result !== undefined).length, 1);
});

Deno.test("list() yields in order of creation, also after a replacement", async () => {
  const { orders, effects } = openRecords();
  await fill(orders, ["c", "a"]);
  await effects.advance(1_000);
  await fill(orders, ["b"]);
  await orders.replace("c", { name: "new" });
  assert.deepEqual(await ids(orders.list()), ["c", "a", "b"]);
});

Deno.test("list() pages behind an id", async () => {
  const { orders } = openRecords();
  await fill(orders, ["a", "b", "c", "d"]);
  assert.deepEqual(await ids(orders.list({ limit: 2 })), ["a", "b"]);
  assert.deepEqual(await ids(orders.list({ limit: 2, after: "b" })), [
    "c",
    "d",
  ]);
  assert.deepEqual(await ids(orders.list({ after: "c" })), ["d"]);
  assert.deepEqual(await ids(orders.list({ after: "d", limit: 9 })), []);
  assert.deepEqual(await ids(orders.list({ limit: 0 })), []);
});

Deno.test("list() starts at the front behind an unknown id", async () => {
  const { orders } = openRecords();
  await fill(orders, ["a", "b"]);
  assert.deepEqual(await ids(orders.list({ after: "x" })), ["a", "b"]);
});

Deno.test("replace() swaps the data and keeps marks and place", async () => {
  const { orders, effects } = openRecords();
  const created = await orders.create("o1", { sum: 1 }, { owner: "ann" });
  await effects.advance(5_000);
  const replaced = await orders.replace("o1", { total: 2 });
  assert.deepEqual(replaced?.data, { total: 2 });
  assert.deepEqual(replaced?.marks, { owner: "ann" });
  assert.equal(replaced?.createdAt, created?.createdAt);
  assert.equal(replaced?.updatedAt, effects.clock.now());
  assert.notEqual(replaced?.version, created?.version);
  assert.deepEqual(await orders.get("o1"), replaced);
});

Deno.test("replace() swaps the marks where they are given", async () => {
  const { orders } = openRecords();
  await orders.create("o1", {}, { owner: "ann", state: "open" });
  await orders.replace("o1", {}, { marks: { state: "shut" } });
  assert.deepEqual((await orders.get("o1"))?.marks, { state: "shut" });
});

Deno.test("replace() refuses what is absent or at another version", async () => {
  const { orders } = openRecords();
  assert.equal(await orders.replace("o1", {}), undefined);
  const created = await orders.create("o1", { sum: 1 });
  await orders.replace("o1", { sum: 2 });
  const { version } = created!;
  assert.equal(await orders.replace("o1", { sum: 3 }, { version }), undefined);
  assert.deepEqual((await orders.get("o1"))?.data, { sum: 2 });
});

Deno.test("replace() without a version wins over those that compete", async () => {
  const { orders } = openRecords();
  await orders.create("o1", {});
  const results = await Promise.all(
    [1, 2, 3, 4].map((sum) => orders.replace("o1", { sum })),
  );
  assert.ok(results.every((result) => result !== undefined));
  const versions = new Set(results.map((result) => result?.version));
  assert.equal(versions.size, 4);
});

Deno.test("delete() removes the row and its index", async () => {
  const { orders, store } = openRecords();
  await orders.create("o1", {});
  assert.equal(await orders.delete("o1"), true);
  assert.equal(await orders.delete("o1"), false);
  assert.equal(await orders.get("o1"), undefined);
  assert.equal(await keysOf(store, []), 0);
});

Deno.test("delete() refuses another version", async () => {
  const { orders } = openRecords();
  const { version } = (await orders.create("o1", {}))!;
  const replaced = await orders.replace("o1", { sum: 1 });
  assert.equal(await orders.delete("o1", version), false);
  assert.equal(await orders.delete("o1", replaced?.version), true);
});

Deno.test("create() under an id that was deleted makes a new row at the end", async () => {
  const { orders } = openRecords();
  await fill(orders, ["a", "b"]);
  await orders.delete("a");
  await fill(orders, ["a"]);
  assert.deepEqual(await ids(orders.list()), ["b", "a"]);
});

Deno.test("recordsOver() refuses what the store has no room for and changes nothing", async () => {
  const { orders, store } = openRecords();
  const text = "x".repeat(store.limits.valueBytes);
  await assert.rejects(orders.create("big", { text }), RangeError);
  await orders.create("o1", { x: 1 });
  await assert.rejects(orders.replace("o1", { text }), RangeError);
  assert.deepEqual(await ids(orders.list()), ["o1"]);
  assert.deepEqual((await orders.get("o1"))?.data, { x: 1 });
});

Deno.test("recordsOver() keeps what a store of chunks has room for", async () => {
  const store = chunkedValues(memoryStore());
  const { orders } = openRecords(store);
  const text = "ä€😀".repeat(100_000);
  await orders.create("o1", { text });
  assert.equal((await orders.get("o1"))?.data.text, text);
  const [listed] = await Array.fromAsync(orders.list());
  assert.equal(listed?.data.text, text);
  await orders.replace("o1", { text: "small" });
  assert.deepEqual((await orders.get("o1"))?.data, { text: "small" });
});

Deno.test("recordsOver() keeps fields named like inherited ones", async () => {
  const { orders } = openRecords();
  const data = JSON.parse('{"__proto__":{"a":1},"constructor":2,"":3}');
  await orders.create("o1", data);
  const kept = (await orders.get("o1"))?.data;
  assert.equal(JSON.stringify(kept), JSON.stringify(data));
  assert.equal(Object.getPrototypeOf(kept), Object.prototype);
});

Deno.test("get() finds what was deleted and made anew while it is read", async () => {
  const inner = memoryStore();
  const writer = openRecords(inner).orders;
  let isArmed = false;
  const store: Store = {
    ...boundTo(inner),
    async get(key) {
      const entry = await inner.get(key);
      if (isArmed && key[0] === "resource-id") {
        isArmed = false;
        await writer.delete("o1");
        await writer.create("o1", { life: 2 });
      }
      return entry;
    },
  };
  await writer.create("o1", { life: 1 });
  isArmed = true;
  assert.deepEqual((await openRecords(store).orders.get("o1"))?.data, {
    life: 2,
  });
});

Deno.test("recordsOver() reports an index that leads to no row", async () => {
  const { orders, store } = openRecords();
  await store.commit({
    sets: [{ key: ["resource-id", "orders", "o1"], value: "nowhere" }],
  });
  await assert.rejects(orders.get("o1"), {
    message: 'Cannot read "o1" of "orders": its index leads to no row',
  });
});

Deno.test("create() fails as a whole when the store fails", async () => {
  const inner = memoryStore();
  const store: Store = {
    ...boundTo(inner),
    commit: () => Promise.reject(new Error("The disk is full")),
  };
  const { orders } = openRecords(store);
  await assert.rejects(orders.create("o1", {}), /disk is full/);
  assert.equal(await keysOf(inner, []), 0);
});

function boundTo(store: Store): Store {
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    commit: (batch) => store.commit(batch),
    watch: (keys, signal) => store.watch(keys, signal),
    limits: store.limits,
    close: () => store.close(),
  };
}
