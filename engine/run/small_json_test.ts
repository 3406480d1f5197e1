import assert from "node:assert/strict";
import fc from "fast-check";
import { isSmallJson } from "./small_json.ts";

Deno.test("a value that is small JSON has no more than 4,096 characters, and reads the same", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      if (!isSmallJson(value)) return;
      const text = JSON.stringify(value);
      assert.ok(text.length <= 4_096);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("an order is small JSON", () => {
  const order = { id: "A-1", items: [{ sku: "x", count: 2 }], note: null };
  assert.ok(isSmallJson(order));
  assert.ok(isSmallJson([true, 0.5, "text"]));
});

for (
  const [what, value] of Object.entries({
    "a long text": "x".repeat(700),
    "a text of control characters": "\u0000".repeat(683),
    "a long list": Array.from({ length: 2_000 }, () => 1),
    "a function": () => 1,
    "nothing": undefined,
    "a field that is not there": { a: undefined },
    "a big integer": 1n,
    "what is no number": NaN,
    "a date": new Date(0),
    "a map": new Map(),
    "an object with a form of its own": { toJSON: () => "x".repeat(9_999) },
    "an object in an object of a class": { a: [new URL("http://a.b/")] },
  })
) {
  Deno.test(`${what} is not taken for small JSON`, () => {
    assert.equal(isSmallJson(value), false);
  });
}

Deno.test("a circle is not taken for small JSON", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  assert.equal(isSmallJson(circle), false);
});
