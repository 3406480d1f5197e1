import assert from "node:assert/strict";
import { CARD } from "./arrange.ts";
import { allOf, beginningOf, FAR_ZOOM } from "./fit.ts";

const SIZE = { width: 1_000, height: 600 };

/** Cards in a row, with this much from one to the next. */
const row = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `${n}`,
    data: {},
    position: { x: 40 + n * (CARD.width + 80), y: 200 },
  }));

Deno.test("beginningOf() shows all cards where they can be read", () => {
  const nodes = row(3);
  assert.deepEqual(beginningOf(nodes, SIZE), allOf(nodes, SIZE));
});

Deno.test("beginningOf() shows the first of more cards, near enough to be read", () => {
  const nodes = row(30);
  assert.ok(allOf(nodes, SIZE).zoom < FAR_ZOOM);
  const { x, y, zoom } = beginningOf(nodes, SIZE);
  assert.ok(zoom > FAR_ZOOM);
  const [first] = nodes;
  const left = (first?.position.x ?? 0) * zoom + x;
  assert.ok(left > 0 && left < SIZE.width / 4, `${left}`);
  const middle = ((first?.position.y ?? 0) + CARD.height / 2) * zoom + y;
  assert.equal(middle, SIZE.height / 2);
});
