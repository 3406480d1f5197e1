import assert from "node:assert/strict";
import fc from "fast-check";
import { fingerprint, stableJson } from "./fingerprint.ts";

Deno.test("stableJson() sorts the keys of every map and keeps the order of lists", () => {
  assert.equal(
    stableJson({ b: [{ d: 1, c: 2 }, 3], a: null }),
    '{"a":null,"b":[{"c":2,"d":1},3]}',
  );
  assert.equal(stableJson(undefined), "null");
  assert.equal(stableJson({ a: undefined }), "{}");
});

Deno.test("fingerprint() is 14 digits, and the same on every machine", () => {
  assert.equal(fingerprint({ name: "web", port: 8080 }), "0f6164f7bd8b1d");
});

Deno.test("fingerprint() does not depend on the order of keys", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (map) => {
      const reversed = Object.fromEntries(Object.entries(map).reverse());
      assert.equal(fingerprint(reversed), fingerprint(map));
    }),
  );
});

Deno.test("fingerprint() tells small differences apart", () => {
  const values = [
    ...[null, 0, "", [], {}, [[]], [{}], "0", [0], ["0"], { a: 0 }, { a: "0" }],
    ...Array.from(
      { length: 20_000 },
      (_, index) => ({ name: `module-${index}` }),
    ),
  ];
  assert.equal(new Set(values.map(fingerprint)).size, values.length);
  for (const digits of values.slice(0, 100).map(fingerprint)) {
    assert.match(digits, /^[0-9a-f]{14}$/);
  }
});
