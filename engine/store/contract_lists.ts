/**
 * The part of the contract that is about lists: ranges, order, options.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Fact, fact } from "./contract_fact.ts";
import type { Key, ListOptions, Range, Store } from "./store.ts";

/** Sorted, as they must come. */
const KEYS: readonly Key[] = [
  [new Uint8Array([1]), "x"],
  ["a"],
  ["a", new Uint8Array(0)],
  ["a", "x"],
  ["a", "y"],
  ["a", "y", 1],
  ["a", 2n],
  ["a", -1],
  ["a", 10],
  ["a", true],
  ["a\0"],
  ["ab"],
  ["b"],
  [1],
];

/** The facts. */
export const listFacts: readonly Fact[] = [
  fact("lists all in the order of the keys", async (store) => {
    await fill(store);
    assert.deepEqual(await keys(store, { prefix: [] }), KEYS);
    const reverse = { reverse: true };
    assert.deepEqual(
      await keys(store, { prefix: [] }, reverse),
      KEYS.toReversed(),
    );
  }),
  fact("lists what is under a prefix, without the prefix", async (store) => {
    await fill(store);
    assert.deepEqual(await keys(store, { prefix: ["a"] }), KEYS.slice(2, 10));
    assert.deepEqual(await keys(store, { prefix: ["a", "y"] }), [[
      "a",
      "y",
      1,
    ]]);
    assert.deepEqual(await keys(store, { prefix: ["b"] }), []);
    assert.deepEqual(await keys(store, { prefix: ["absent"] }), []);
  }),
  fact("lists from a start to before an end", async (store) => {
    await fill(store);
    for (const [i, start] of KEYS.entries()) {
      for (const [j, end] of KEYS.entries()) {
        const range = { start, end };
        assert.deepEqual(await keys(store, range), KEYS.slice(i, j));
      }
    }
    assert.deepEqual(
      await keys(store, { start: [], end: ["a", "x"] }),
      KEYS.slice(0, 3),
    );
    assert.deepEqual(
      await keys(store, { start: ["a", "xx"], end: ["a", "yy"] }),
      KEYS.slice(4, 6),
    );
    assert.deepEqual(await keys(store, { start: ["b"], end: ["a"] }), []);
    assert.deepEqual(await keys(store, { start: ["a"], end: [] }), []);
  }),
  fact("lists behind a key, which need not be there", async (store) => {
    await fill(store);
    const prefix = { prefix: ["a"] };
    const under = KEYS.slice(2, 10);
    for (const [i, after] of under.entries()) {
      assert.deepEqual(
        await keys(store, prefix, { after }),
        under.slice(i + 1),
      );
      const reverse = { after, reverse: true };
      assert.deepEqual(
        await keys(store, prefix, reverse),
        under.slice(0, i).toReversed(),
      );
    }
    const range = { start: ["a", "x"], end: ["a", 10] };
    const cases: [Range, Key, Key[], Key[]][] = [
      [prefix, ["a", "xx"], under.slice(2), under.slice(0, 2)],
      [prefix, ["a"], under, []],
      [prefix, [new Uint8Array([1])], under, []],
      [prefix, ["b"], [], under],
      [range, ["a"], under.slice(1, 6), []],
      [range, ["a", "y"], under.slice(3, 6), under.slice(1, 2)],
      [range, ["a", 10], [], under.slice(1, 6)],
      [range, ["b"], [], under.slice(1, 6)],
    ];
    for (const [where, after, behind, before] of cases) {
      assert.deepEqual(await keys(store, where, { after }), behind);
      const reverse = { after, reverse: true };
      assert.deepEqual(await keys(store, where, reverse), before.toReversed());
    }
  }),
  fact("lists at most as many as the limit", async (store) => {
    await fill(store);
    const all = { prefix: [] };
    for (const limit of [0, 1, 5, KEYS.length, 100]) {
      assert.deepEqual(await keys(store, all, { limit }), KEYS.slice(0, limit));
      const reverse = { limit, reverse: true, after: ["b"] };
      const before = KEYS.slice(0, 12).toReversed();
      assert.deepEqual(await keys(store, all, reverse), before.slice(0, limit));
    }
    for (const limit of [-1, 0.5, NaN]) {
      await assert.rejects(
        async () => await keys(store, all, { limit }),
        { name: "RangeError", message: /Cannot list: limit is/ },
      );
    }
  }),
  fact("pages through more than it reads at once", async (store) => {
    const count = 1_300;
    for (let i = 0; i < count; i += 500) {
      await store.commit({
        sets: Array.from({ length: Math.min(500, count - i) }, (_, j) => ({
          key: ["page", i + j],
          value: i + j,
        })),
      });
    }
    const all = await Array.fromAsync(store.list({ prefix: ["page"] }));
    assert.deepEqual(all.map(({ value }) => value), [...Array(count).keys()]);
    const back = store.list({ prefix: ["page"] }, {
      reverse: true,
      limit: 700,
    });
    const values = (await Array.fromAsync(back)).map(({ value }) => value);
    assert.deepEqual(
      values,
      [...Array(count).keys()].toReversed().slice(0, 700),
    );
  }),
  fact("lists each key at most once while keys change", async (store) => {
    await store.commit({
      sets: Array.from(
        { length: 900 },
        (_, i) => ({ key: ["m", 2 * i], value: 0 }),
      ),
    });
    const seen: number[] = [];
    for await (const { key } of store.list({ prefix: ["m"] })) {
      const at = key[1] as number;
      seen.push(at);
      if (at % 200 > 0) continue;
      await store.commit({
        sets: [
          { key: ["m", at], value: 1 },
          { key: ["m", at - 1], value: 1 },
          { key: ["m", at + 1_001], value: 1 },
        ],
        deletes: [["m", at + 2]],
      });
    }
    assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => a - b));
    const isUntouched = (at: number) => at % 2 === 0 && at % 200 !== 2;
    const untouched = Array.from({ length: 1_800 }, (_, i) => i).filter(
      isUntouched,
    );
    assert.deepEqual(seen.filter(isUntouched), untouched);
  }),
  fact("refuses keys that do not sort, wherever they come", async (store) => {
    const { signal } = new AbortController();
    const bad: Key[] = [[], [NaN], ["a", "\udc00"], [
      null as unknown as string,
    ]];
    for (const key of bad) {
      const uses: (() => Promise<unknown>)[] = [
        () => store.get(key),
        () => store.getMany([["ok"], key]),
        () => store.commit({ checks: [{ key, version: undefined }] }),
        () => store.commit({ sets: [{ key, value: 1 }] }),
        () => store.commit({ deletes: [key] }),
        () => keys(store, { prefix: ["a"] }, { after: key }),
        async () => await Array.fromAsync(store.watch([key], signal)),
      ];
      for (const use of uses) {
        await assert.rejects(async () => await use(), {
          name: "TypeError",
          message: /Cannot use key \[/,
        });
      }
    }
  }),
];

async function fill(store: Store): Promise<void> {
  const sets = KEYS.map((key, value) => ({ key, value }));
  // From the middle outwards, so that order does not come from insertion.
  sets.sort((a, b) => Math.abs(a.value - 6) - Math.abs(b.value - 6));
  for (const set of sets) await store.commit({ sets: [set] });
}

async function keys(
  store: Store,
  range: Range,
  options: ListOptions = {},
): Promise<Key[]> {
  const entries = await Array.fromAsync(store.list(range, options));
  return entries.map(({ key }) => key);
}
