import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonValue, Value } from "./store.ts";
import {
  CHARACTER_BYTES_MAX,
  decodeValue,
  encodedBytes,
  encodeValue,
  freezeValue,
  hasMoreCharacters,
  valueBytes,
  ValueCopier,
} from "./value.ts";

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "\x01".repeat(9), "漢字", "😀", '"\\"', "\ud800"),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-1.2345678901234567e-300, 5e-324, -1.7976931348623157e308),
);
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.uint8Array(),
  fc.letrec<{ json: JsonValue }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      text,
      number,
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("json"), { maxLength: 4 }),
      fc.dictionary(text, tie("json"), { maxKeys: 4 }),
    ),
  })).json,
);

Deno.test("ValueCopier counts enough characters for the bytes of any value", () => {
  // All quick decisions on limits stand on this: what looks small is small.
  const copier = new ValueCopier();
  fc.assert(fc.property(value, (value) => {
    copier.characters = 0;
    const copy = copier.copy(value, ["k"]);
    assert.deepEqual(decodeValue(encodeValue(copy)), copy);
    assert.equal(encodeValue(copy).length, encodedBytes(copy));
    assert.ok(encodedBytes(copy) <= copier.characters * CHARACTER_BYTES_MAX);
    assert.ok(valueBytes(copy) <= encodedBytes(copy));
  }));
});

Deno.test("hasMoreCharacters() never calls larger what a copier counts as small", () => {
  const copier = new ValueCopier();
  fc.assert(fc.property(value, (value) => {
    copier.characters = 0;
    copier.copy(value, ["k"]);
    const { characters } = copier;
    assert.equal(hasMoreCharacters(value, characters - 1), true);
    // Numbers, booleans and null count a little more than in a copier.
    assert.equal(hasMoreCharacters(value, 2 * characters), false);
  }));
});

Deno.test("hasMoreCharacters() ends for a value that holds itself", () => {
  const cycle: { self?: JsonValue } = {};
  cycle.self = cycle as JsonValue;
  assert.equal(hasMoreCharacters(cycle as Value, 10_000), true);
});

Deno.test("freezeValue() freezes every level and leaves bytes alone", () => {
  const frozen = freezeValue({ a: [{ b: [1] }], c: null });
  const parts = [frozen, frozen.a, frozen.a[0], frozen.a[0]?.b];
  assert.deepEqual(parts.map(Object.isFrozen), [true, true, true, true]);
  const bytes = freezeValue(new Uint8Array(1));
  bytes[0] = 1;
  assert.equal(bytes[0], 1);
});

Deno.test("encodeValue() tells bytes that look like JSON from JSON", () => {
  const bytes = new TextEncoder().encode('{"a":1}');
  assert.deepEqual(decodeValue(encodeValue(bytes)), bytes);
  assert.deepEqual(decodeValue(encodeValue({ a: 1 })), { a: 1 });
});
