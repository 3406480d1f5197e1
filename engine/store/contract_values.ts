/**
 * The part of the contract that is about what comes back of what went in.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { type Fact, fact } from "./contract_fact.ts";
import type { JsonValue, Store, Value } from "./store.ts";

const KEY = ["value"];

/** The facts. */
export const valueFacts: readonly Fact[] = [
  fact("gives back any JSON", async (store) => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const json = JSON.parse(JSON.stringify(value)) as JsonValue;
        assert.deepEqual(await roundTrip(store, value as JsonValue), json);
      }),
      { numRuns: 100 },
    );
  }),
  fact("gives back text and names of any kind", async (store) => {
    const texts = ["", "\0", "\ud800", "ü", "漢字", "😀", "\u2028", '"\\'];
    for (const text of texts) {
      assert.equal(await roundTrip(store, text), text);
      const object = { [text]: [text] };
      assert.deepEqual(await roundTrip(store, object), object);
    }
    const tricky = JSON.parse(
      '{"__proto__":{"a":1},"constructor":2,"$chunks":3}',
    );
    assert.deepEqual(await roundTrip(store, tricky), tricky);
    const bare = Object.assign(Object.create(null), { a: 1 });
    assert.deepEqual(await roundTrip(store, bare), { a: 1 });
  }),
  fact("gives back bytes", async (store) => {
    for (const length of [0, 1, 2, 1_000]) {
      const bytes = new Uint8Array(length).map((_, i) => i * 7);
      const found = await roundTrip(store, bytes);
      assert.ok(found instanceof Uint8Array);
      assert.deepEqual(found, bytes);
    }
    // A view of a part, of a class that shares memory when it is sliced.
    const part = Buffer.from("0123456789").subarray(2, 5);
    assert.deepEqual(
      await roundTrip(store, part),
      new Uint8Array([50, 51, 52]),
    );
    for (const first of [0, 34, 45, 48, 91, 102, 110, 116, 123, 255]) {
      const bytes = new Uint8Array([first, 1]);
      assert.deepEqual(await roundTrip(store, bytes), bytes);
    }
  }),
  fact("takes what JSON cannot tell apart for the same", async (store) => {
    const value = { a: undefined, b: -0, c: { d: undefined } };
    const found = await roundTrip(store, value);
    assert.deepEqual(found, { b: 0, c: {} });
    assert.ok(Object.is((found as { b: number }).b, 0));
  }),
  fact(
    "refuses what is neither JSON nor bytes, and says where",
    async (store) => {
      const cycle: { self?: unknown } = {};
      cycle.self = cycle;
      const refused: [unknown, RegExp][] = [
        [
          undefined,
          /Cannot set \[.*"value"\]: value is undefined, expected JSON/,
        ],
        [NaN, /value is NaN/],
        [{ a: [1, Infinity] }, /value\.a\[1\] is Infinity/],
        [{ a: { b: new Date(0) } }, /value\.a\.b is of class Date/],
        [new Map(), /value is of class Map/],
        [[1, undefined], /value\[1\] is undefined/],
        [[, 1], /value\[0\] is undefined/],
        [{ run() {} }, /value\.run is a function/],
        [[1n], /value\[0\] is a bigint/],
        [{ bytes: new Uint8Array(1) }, /value\.bytes is of class Uint8Array/],
        [cycle, /nested deeper than the limit valueDepth of 500 levels/],
      ];
      for (const [value, message] of refused) {
        await assert.rejects(
          store.commit({
            sets: [{ key: ["other"], value: 1 }, {
              key: KEY,
              value: value as Value,
            }],
          }),
          { name: "TypeError", message },
        );
      }
      assert.deepEqual(await store.getMany([KEY, ["other"]]), [
        undefined,
        undefined,
      ]);
    },
  ),
  fact("takes a batch as it is when commit is called", async (store) => {
    const value = { list: [1], text: "a" };
    const bytes = new Uint8Array([1]);
    const part = new Uint8Array([1]);
    const key = ["json", part];
    const sets = [{ key, value }, { key: ["bytes"], value: bytes }];
    const commit = store.commit({ sets });
    value.list.push(2);
    value.text = "b";
    bytes[0] = 2;
    part[0] = 2;
    key.push("more");
    sets.pop();
    await commit;
    value.list.push(3);
    bytes[0] = 3;
    const [json, raw] = await store.getMany([
      ["json", new Uint8Array([1])],
      ["bytes"],
    ]);
    assert.deepEqual(json?.key, ["json", new Uint8Array([1])]);
    assert.deepEqual(json?.value, { list: [1], text: "a" });
    assert.deepEqual(raw?.value, new Uint8Array([1]));
  }),
  fact("does not change with what a reader does", async (store) => {
    const part = new Uint8Array([1]);
    await store.commit({
      sets: [
        { key: ["a", part], value: { list: [{ deep: 1 }] } },
        { key: ["b"], value: new Uint8Array([1]) },
      ],
    });
    for await (const { key, value } of store.list({ prefix: ["a"] })) {
      (key[1] as Uint8Array)[0] = 9;
      const read = value as { list: { deep: number }[] };
      assert.throws(
        () => Object.assign(read.list[0] ?? {}, { deep: 2 }),
        TypeError,
      );
      assert.throws(() => read.list.push({ deep: 2 }), TypeError);
      assert.throws(() => read.list = [], TypeError);
    }
    const bytes = (await store.get(["b"]))?.value as Uint8Array;
    bytes[0] = 9;
    const [first, second] = await store.getMany([["a", part], ["b"]]);
    assert.deepEqual(first?.key, ["a", part]);
    assert.deepEqual(first?.value, { list: [{ deep: 1 }] });
    assert.deepEqual(second?.value, new Uint8Array([1]));
  }),
  fact("takes a frozen value and what it gave back itself", async (store) => {
    await store.commit({
      sets: [{ key: KEY, value: Object.freeze({ a: Object.freeze([1]) }) }],
    });
    const found = await store.get(KEY);
    assert.ok(found);
    await store.commit({
      checks: [found],
      sets: [{ key: found.key, value: { old: found.value as JsonValue } }],
    });
    assert.deepEqual((await store.get(KEY))?.value, { old: { a: [1] } });
  }),
];

async function roundTrip(store: Store, value: Value): Promise<unknown> {
  const result = await store.commit({ sets: [{ key: KEY, value }] });
  const entry = await store.get(KEY);
  assert.deepEqual(entry?.key, KEY);
  assert.equal(entry.version, result.ok && result.version);
  return entry.value;
}
