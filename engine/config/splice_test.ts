import assert from "node:assert/strict";
import fc from "fast-check";
import {
  applySplices,
  composeSplices,
  invertSplices,
  type Splice,
  spliceBetween,
} from "./splice.ts";

/** Splices of a text that do not meet. */
function splicesOf(text: string): fc.Arbitrary<readonly Splice[]> {
  const offset = fc.nat(text.length);
  return fc.tuple(
    fc.uniqueArray(offset, { maxLength: 6 }),
    fc.array(fc.string()),
  )
    .map(([offsets, texts]) => {
      const sorted = offsets.toSorted((a, b) => a - b);
      return sorted.flatMap((start, index) =>
        index % 2 === 0
          ? [{
            start,
            end: sorted[index + 1] ?? start,
            text: texts[index] ?? "",
          }]
          : []
      );
    });
}

const cases = fc.string({ maxLength: 30 }).chain((text) =>
  splicesOf(text).chain((first) => {
    const middle = applySplices(text, first);
    return splicesOf(middle).map((second) => ({ text, first, second }));
  })
);

Deno.test("invertSplices() takes splices back", () => {
  fc.assert(fc.property(cases, ({ text, first }) => {
    const after = applySplices(text, first);
    assert.equal(applySplices(after, invertSplices(text, first)), text);
  }));
});

Deno.test("composeSplices() does what two lists do one after the other", () => {
  fc.assert(fc.property(cases, ({ text, first, second }) => {
    assert.equal(
      applySplices(text, composeSplices(first, second)),
      applySplices(applySplices(text, first), second),
    );
  }));
});

Deno.test("spliceBetween() keeps what two texts have in common", () => {
  assert.deepEqual(spliceBetween("a: 1\nb: 2\n", "a: 1\nb: 22\n"), [
    { start: 9, end: 9, text: "2" },
  ]);
  assert.deepEqual(spliceBetween("aaa", "aa"), [{
    start: 2,
    end: 3,
    text: "",
  }]);
  assert.deepEqual(spliceBetween("same", "same"), []);
  fc.assert(fc.property(fc.string(), fc.string(), (before, after) => {
    assert.equal(applySplices(before, spliceBetween(before, after)), after);
  }));
});
