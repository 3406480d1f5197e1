import assert from "node:assert/strict";
import type { Node } from "@xyflow/react";
import { CARD, type Place, type Size } from "./arrange.ts";
import {
  boxAround,
  fitted,
  keptFromCorner,
  PADDING,
  placedInBoxes,
  type Places,
  takenAlong,
} from "./boxes.ts";

const card = (id: string, x: number, y: number): Node => ({
  ...{ id, position: { x, y }, data: {} },
});

const box = (id: string, ...holds: string[]): Node => ({
  ...{ id, position: { x: 0, y: 0 }, data: { holds } },
});

const placeOf = (nodes: readonly Node[], id: string) =>
  nodes.find((node) => node.id === id)?.position;

function isApart(one: Place & Size, other: Place & Size): boolean {
  return one.x + one.width <= other.x || other.x + other.width <= one.x ||
    one.y + one.height <= other.y || other.y + other.height <= one.y;
}

/** The box around some of the places. */
const around = (places: Places, names: readonly string[]) =>
  boxAround(names.flatMap((name) => places[name] ?? []));

Deno.test("a box is around what it holds, with room for its title", () => {
  const { x, y, width, height } = boxAround([{ x: 0, y: 0 }, {
    x: 300,
    y: 90,
  }]);
  assert.deepEqual([x, y], [-PADDING.side, -PADDING.top]);
  assert.equal(width, 300 + CARD.width + 2 * PADDING.side);
  assert.equal(height, 90 + CARD.height + PADDING.top + PADDING.bottom);
});

Deno.test("a box that is moved takes along what it holds, and nothing else", () => {
  const nodes = fitted([
    box("box", "a", "b"),
    ...[card("a", 0, 0), card("b", 300, 0), card("c", 600, 0)],
  ]);
  const { x = 0, y = 0 } = placeOf(nodes, "box") ?? {};
  const changes = takenAlong([
    { id: "box", type: "position", position: { x: x + 10, y: y + 5 } },
  ], nodes);
  assert.deepEqual(
    changes.map((change) =>
      change.type === "position" ? [change.id, change.position] : []
    ),
    [
      ["box", { x: x + 10, y: y + 5 }],
      ["a", { x: 10, y: 5 }],
      ["b", { x: 310, y: 5 }],
    ],
  );
});

Deno.test("a card that is moved beside its box is moved once", () => {
  const nodes = fitted([box("box", "a"), card("a", 0, 0)]);
  const changes = takenAlong([
    { id: "box", type: "position", position: { x: 10, y: 10 } },
    { id: "a", type: "position", position: { x: 30, y: 62 } },
  ], nodes);
  assert.equal(changes.length, 2);
});

Deno.test("a box follows the cards in it", () => {
  const before = fitted([box("box", "a"), card("a", 0, 0)]);
  const after = fitted(
    before.map((node) => node.id === "a" ? card("a", 50, 60) : node),
  );
  assert.deepEqual(placeOf(after, "box"), {
    x: 50 - PADDING.side,
    y: 60 - PADDING.top,
  });
  assert.equal(fitted(after)[0], after[0], "one that fits stays the same");
});

for (const count of [4, 40, 200]) {
  Deno.test(`boxes are placed apart from each other and from ${count} cards`, () => {
    const names = Array.from({ length: count }, (_, index) => `n${index}`);
    const ties = names.slice(1).map((name, index) =>
      [`n${Math.floor(index / 2)}`, name] as const
    );
    const holds = {
      one: names.filter((_, index) => index % 4 === 0),
      other: names.filter((_, index) => index % 4 === 1),
    };
    const places = placedInBoxes({ names, ties }, holds);
    const boxes = Object.values(holds).map((held) => around(places, held));
    const cards = names.filter((_, index) => index % 4 > 1)
      .flatMap((name) => places[name] ?? [])
      .map((place) => ({ ...place, ...CARD }));
    const all = [...boxes, ...cards];
    assert.equal(all.length, 2 + count / 2);
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(index + 1)) {
        assert.ok(isApart(one, other), JSON.stringify([one, other]));
      }
    }
  });
}

Deno.test("what somebody has put somewhere in a box stays there with the box", () => {
  const shape = { names: ["a", "b"], ties: [] };
  const holds = { box: ["a", "b"] };
  const moved = {
    box: { x: 80, y: 48 },
    a: { x: 80 + PADDING.side, y: 48 + PADDING.top },
    b: { x: 500, y: 400 },
  };
  const kept = keptFromCorner(holds, moved);
  assert.deepEqual(placedInBoxes(shape, holds, kept), moved);
  const beside = { ...kept, box: { x: 1_080, y: 48 } };
  assert.deepEqual(placedInBoxes(shape, holds, beside).b, { x: 1_500, y: 400 });
});

Deno.test("a box that has become larger pushes away what it would lie on", () => {
  const shape = { names: ["a", "b", "c"], ties: [] };
  const kept = { box: { x: 0, y: 0 }, c: { x: 250, y: 0 } };
  const places = placedInBoxes(shape, { box: ["a", "b"] }, kept);
  const c = { ...CARD, ...places.c ?? { x: 0, y: 0 } };
  assert.deepEqual(places.box, { x: 0, y: 0 });
  assert.ok(isApart(around(places, ["a", "b"]), c));
  const shut = placedInBoxes({ names: ["box", "c"], ties: [] }, {}, kept);
  assert.deepEqual(shut, kept, "and gives the room back");
});
