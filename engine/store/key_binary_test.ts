import assert from "node:assert/strict";
import fc from "fast-check";
import { compareKeys, encodeKey, encodeRange, keyBytes } from "./key.ts";
import {
  binaryBehind,
  binaryKey,
  binaryRange,
  compareBinary,
  keyOfBinary,
} from "./key_binary.ts";
import type { Key, KeyPart, Range } from "./store.ts";

const TEXTS = ["\0", "a", "\x01", "\xff", "\ud7ff", "\ufeff", "\u{10000}"];
const part: fc.Arbitrary<KeyPart> = fc.oneof(
  fc.uint8Array({ maxLength: 4, max: 3 }),
  fc.constantFrom(new Uint8Array([0, 255]), new Uint8Array([255, 0])),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.string({ unit: fc.constantFrom(...TEXTS), maxLength: 4 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, Infinity, -Infinity, Number.MIN_VALUE),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.constantFrom(0n, -1n, 255n, 256n, -256n, 2n ** 64n - 1n, -(2n ** 64n)),
  fc.constantFrom(2n ** 2_040n - 1n, -(2n ** 2_040n) + 1n),
  fc.boolean(),
);
const key: fc.Arbitrary<Key> = fc.array(part, { minLength: 1, maxLength: 4 });

Deno.test("binaryKey() sorts like keys do", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      const order = Math.sign(compareBinary(binaryKey(a), binaryKey(b)));
      assert.equal(order, compareKeys(a, b));
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("binaryKey() takes the bytes that keyBytes() counts", () => {
  fc.assert(
    fc.property(key, (one) => {
      assert.equal(binaryKey(one).length, keyBytes(one));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("keyOfBinary() gives back the key", () => {
  fc.assert(
    fc.property(key, (one) => {
      const found = keyOfBinary(binaryKey(one));
      const expected = one.map((part) => Object.is(part, -0) ? 0 : part);
      assert.deepEqual(found, expected);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("keyOfBinary() refuses bytes that are no key, and shows them", () => {
  const message = /^Cannot read the key [0-9a-f]+: found .* at byte \d+, /;
  for (const hex of ["02", "0261", "21ff", "16ff", "ff00", "40"]) {
    assert.throws(() => keyOfBinary(Uint8Array.fromHex(hex)), { message });
  }
});

Deno.test("binaryKey() refuses what is no key", () => {
  for (const bad of [[], [NaN], ["\ud800"], [null]]) {
    assert.throws(() => binaryKey(bad as Key), TypeError);
  }
  assert.throws(() => binaryKey([2n ** 2_040n]), RangeError);
});

Deno.test("binaryKey() stays as databases hold it", () => {
  const every: Key = [
    new Uint8Array([0, 7]),
    "a\0ü",
    -1n,
    0n,
    2n ** 72n,
    -1.5,
    2,
    false,
    true,
  ];
  assert.equal(
    binaryKey(every).toHex(),
    "0100ff0700" + "026100ffc3bc00" + "13fe" + "14" +
      "1d0a01000000000000000000" + "214007ffffffffffff" +
      "21c000000000000000" + "26" + "27",
  );
});

Deno.test("binaryRange() and binaryBehind() cut where the key order does", () => {
  const range: fc.Arbitrary<Range> = fc.oneof(
    fc.record({ prefix: fc.array(part, { maxLength: 2 }) }),
    fc.record({ start: fc.oneof(fc.constant([]), key), end: key }),
  );
  fc.assert(
    fc.property(range, key, key, (within, one, after) => {
      const { start, end } = binaryRange(within);
      const bytes = binaryKey(one);
      const reference = encodeRange(within);
      const id = encodeKey(one);
      assert.equal(
        compareBinary(bytes, start) >= 0 && compareBinary(bytes, end) < 0,
        id >= reference.start && id < reference.end,
      );
      assert.equal(
        compareBinary(bytes, binaryBehind(binaryKey(after))) >= 0,
        compareKeys(one, after) > 0,
      );
    }),
    { numRuns: 2_000 },
  );
});
