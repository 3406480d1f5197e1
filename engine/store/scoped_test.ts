import assert from "node:assert/strict";
import { chunkedValues } from "./chunked.ts";
import { testStore } from "./contract.ts";
import { keyBytes } from "./key.ts";
import { memoryStore } from "./memory.ts";
import { scopedStore } from "./scoped.ts";
import type { Key } from "./store.ts";

testStore("scopedStore()", async () => {
  let time = 1_000;
  const memory = memoryStore({ now: () => time });
  // Neighbours on all sides, which no test may find.
  const around: Key[] = [["app"], ["app", "a"], ["app", "c"], ["app", "b\0"], [
    "b",
  ]];
  await memory.commit({ sets: around.map((key) => ({ key, value: "other" })) });
  await memory.commit({
    sets: [{ key: ["app", "b"], value: "the prefix itself" }],
  });
  return {
    store: scopedStore(memory, ["app", "b"]),
    advance: (ms) => time += ms,
  };
}, { hasClock: true, isExact: false });

testStore("scopedStore() of chunkedValues()", () => {
  let time = 1_000;
  const memory = memoryStore({ now: () => time });
  return {
    store: scopedStore(chunkedValues(memory, { maxBytes: 200_000 }), [1]),
    advance: (ms) => time += ms,
  };
}, { hasClock: true, isExact: false });

Deno.test("scopedStore() keeps its entries under the prefix", async () => {
  const memory = memoryStore();
  const scoped = scopedStore(scopedStore(memory, ["a"]), ["b"]);
  await scoped.commit({ sets: [{ key: ["c", 1], value: 1 }] });
  assert.equal((await memory.get(["a", "b", "c", 1]))?.value, 1);
});

Deno.test("scopedStore() leaves the room of the prefix out of the limits of keys and commits", () => {
  const memory = memoryStore();
  const prefix = ["app", "orders"];
  const { limits } = scopedStore(memory, prefix);
  assert.ok(limits.commitBytes < memory.limits.commitBytes);
  assert.equal(limits.keyBytes, memory.limits.keyBytes - keyBytes(prefix));
  assert.equal(limits.valueBytes, memory.limits.valueBytes);
});

Deno.test("scopedStore() refuses the empty prefix", () => {
  assert.throws(() => scopedStore(memoryStore(), []), /Cannot use key \[\]/);
});

Deno.test("scopedStore() leaves the store open when it is closed", async () => {
  const memory = memoryStore();
  const scoped = scopedStore(memory, ["a"]);
  await scoped.commit({ sets: [{ key: ["b"], value: 1 }] });
  await scoped.close();
  assert.equal((await memory.get(["a", "b"]))?.value, 1);
});
