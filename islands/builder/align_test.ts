import assert from "node:assert/strict";
import { ALIGNMENTS } from "./align.ts";

const PLACES = {
  b: { x: 300, y: 20 },
  a: { x: 0, y: 0 },
  c: { x: 1_000, y: 40 },
};

Deno.test("cards are aligned with the first of them", () => {
  const left = ALIGNMENTS["Align left"](PLACES);
  assert.deepEqual(Object.values(left).map(({ x }) => x), [0, 0, 0]);
  assert.equal(left.b?.y, 20);
  const top = ALIGNMENTS["Align tops"](PLACES);
  assert.deepEqual(Object.values(top).map(({ y }) => y), [0, 0, 0]);
  assert.equal(top.b?.x, 300);
});

Deno.test("cards are spaced in even steps, in their order", () => {
  const { a, b, c } = ALIGNMENTS["Space across"](PLACES);
  assert.deepEqual([a?.x, b?.x, c?.x], [0, 500, 1_000]);
});

Deno.test("cards that are too near are spaced so that none lies on another", () => {
  const { a, b, c } = ALIGNMENTS["Space down"](PLACES);
  assert.deepEqual([a?.y, b?.y, c?.y], [0, 116, 232]);
});
