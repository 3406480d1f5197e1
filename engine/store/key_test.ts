import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compareKeys,
  encodedBehind,
  encodeKey,
  encodeRange,
  firstUnder,
  formatKey,
  keyBytes,
} from "./key.ts";
import type { Key, KeyPart } from "./store.ts";

const part: fc.Arbitrary<KeyPart> = fc.oneof(
  fc.uint8Array({ maxLength: 4, max: 3 }),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.string({
    unit: fc.constantFrom(
      "\0",
      "a",
      "\x01",
      "\xff",
      "\ud7ff",
      "\ue000",
      "\uffff",
      "\u{10000}",
    ),
    maxLength: 4,
  }),
  fc.double({ noNaN: true }).map((number) => number + 0),
  fc.constantFrom(0, 1, -1, Infinity, -Infinity, Number.MIN_VALUE, 2 ** 53),
  fc.bigInt(),
  fc.constantFrom(
    0n,
    -1n,
    1n,
    255n,
    256n,
    -255n,
    -256n,
    2n ** 64n,
    -(2n ** 64n),
  ),
  fc.boolean(),
);
const key: fc.Arbitrary<Key> = fc.array(part, { minLength: 1, maxLength: 4 });

Deno.test("encodeKey() sorts like Deno KV does", async () => {
  // The real store is the reference: what it lists is in its own order.
  using kv = await Deno.openKv(":memory:");
  await fc.assert(
    fc.asyncProperty(fc.array(key, { maxLength: 12 }), async (keys) => {
      const stale: Deno.KvKey[] = [];
      for await (const entry of kv.list({ prefix: [] })) stale.push(entry.key);
      for (const one of stale) await kv.delete(one);

      const byId = new Map(keys.map((one) => [encodeKey(one), one]));
      for (const one of keys) await kv.set(one, 1);
      const listed: Key[] = [];
      for await (const entry of kv.list({ prefix: [] })) {
        listed.push(entry.key as Key);
      }
      const sorted = [...byId.keys()].sort((a, b) => a < b ? -1 : 1);
      assert.deepEqual(listed, sorted.map((id) => byId.get(id)));
    }),
    { numRuns: 150 },
  );
});

Deno.test("encodeKey() orders parts by type and shorter keys first", () => {
  const ordered: Key[] = [
    [new Uint8Array(0)],
    [new Uint8Array([0])],
    [new Uint8Array([255])],
    [""],
    ["\0"],
    ["a"],
    ["a", new Uint8Array(0)],
    ["a", true],
    ["a\0"],
    ["a\0", "b"],
    ["a\0b"],
    ["a\x01"],
    ["b"],
    ["\uffff"],
    ["\u{10000}"],
    [-(2n ** 64n)],
    [-1n],
    [0n],
    [2n ** 64n],
    [-Infinity],
    [-1.5],
    [0],
    [Number.MIN_VALUE],
    [1],
    [Infinity],
    [false],
    [true],
    [true, "a"],
  ];
  for (let i = 1; i < ordered.length; i++) {
    assert.equal(compareKeys(ordered[i - 1]!, ordered[i]!), -1, `at ${i}`);
    assert.equal(compareKeys(ordered[i]!, ordered[i - 1]!), 1, `at ${i}`);
    assert.equal(compareKeys(ordered[i]!, ordered[i]!), 0, `at ${i}`);
  }
});

Deno.test("encodeKey() takes negative zero for zero", () => {
  assert.equal(encodeKey(["a", -0]), encodeKey(["a", 0]));
});

Deno.test("encodeRange() of a prefix holds what is under it and nothing else", () => {
  fc.assert(fc.property(key, key, (prefix, other) => {
    const { start, end } = encodeRange({ prefix });
    const inRange = (one: Key) => {
      const id = encodeKey(one);
      return start <= id && id < end;
    };
    const isUnder = other.length > prefix.length &&
      compareKeys(other.slice(0, prefix.length), prefix) === 0;
    assert.equal(inRange(other), isUnder);
    assert.equal(inRange([...prefix, ...other]), true);
    assert.equal(inRange(prefix), false);
    assert.equal(encodeKey(firstUnder(prefix)) >= start, true);
    assert.equal(
      compareKeys(firstUnder(prefix), [...prefix, ...other]) <= 0,
      true,
    );
  }));
});

Deno.test("encodedBehind() is behind its key and before every other", () => {
  fc.assert(fc.property(key, key, (one, other) => {
    const behind = encodedBehind(encodeKey(one));
    assert.equal(encodeKey(one) < behind, true);
    assert.equal(behind < encodeKey([...one, ...other]), true);
    if (compareKeys(other, one) > 0) {
      assert.equal(behind < encodeKey(other), true);
    }
  }));
});

Deno.test("keyBytes() is the size that Deno KV enforces", async () => {
  using kv = await Deno.openKv(":memory:");
  await fc.assert(
    fc.asyncProperty(key, async (one) => {
      const room = 2048 - keyBytes(one) - 2;
      await kv.set([...one, "a".repeat(room)], 1);
      await assert.rejects(
        kv.set([...one, "a".repeat(room + 1)], 1),
        /Key too large for write/,
      );
    }),
    { numRuns: 100 },
  );
});

Deno.test("encodeKey() refuses what has no place in the order", () => {
  const refused: [Key, RegExp][] = [
    [[], /Cannot use key \[\]: expected at least one part/],
    [["a", NaN], /Cannot use key \["a", NaN\]: NaN does not sort/],
    [["\ud800"], /half of a surrogate pair/],
    [[null as unknown as string], /a part is of type null/],
    [[undefined as unknown as string], /a part is of type undefined/],
    [[{} as unknown as string], /a part is of type object/],
  ];
  for (const [one, message] of refused) {
    assert.throws(() => encodeKey(one), { name: "TypeError", message });
  }
  assert.throws(() => encodeKey([1n << 2040n]), {
    name: "RangeError",
    message: /a bigint has 256 bytes, the limit bigintBytes is 255 bytes/,
  });
});

Deno.test("formatKey() is short whatever the key holds", () => {
  assert.equal(
    formatKey(["a", 1, -1.5, 2n, true, new Uint8Array(3)]),
    '["a", 1, -1.5, 2n, true, bytes(3)]',
  );
  assert.equal(formatKey(["x".repeat(900)]).length, 200);
});
