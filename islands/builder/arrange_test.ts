import assert from "node:assert/strict";
import { arrange, CARD, placed } from "./arrange.ts";

type Ties = readonly (readonly [string, string])[];

const names = (count: number) =>
  Array.from({ length: count }, (_, index) => `n${index}`);

/** A tree of three, with some more ties. */
function tiesOf(count: number): Ties {
  return names(count).slice(1).flatMap((name, index) => [
    [`n${Math.floor((index + 1) / 3)}`, name] as const,
    ...index % 5 < 3 ? [[`n${Math.max(0, index - 6)}`, name] as const] : [],
  ]);
}

for (const count of [1, 2, 30, 119, 120, 1_000]) {
  Deno.test(`arrange() gives each of ${count} cards a place of its own`, () => {
    const places = arrange({ names: names(count), ties: tiesOf(count) });
    assert.deepEqual(Object.keys(places).sort(), names(count).sort());
    const all = Object.values(places);
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(index + 1)) {
        const isApart = Math.abs(one.x - other.x) >= CARD.width ||
          Math.abs(one.y - other.y) >= CARD.height;
        assert.ok(isApart, JSON.stringify([one, other]));
      }
    }
  });
}

Deno.test("arrange() puts what comes first to the left, also where ties run in a circle", () => {
  const chain = names(200);
  const ties: Ties = chain.slice(1).map((name, index) => [`n${index}`, name]);
  const places = arrange({ names: chain, ties: [...ties, ["n199", "n0"]] });
  const [first, last] = [places.n0, places.n199];
  assert.ok(first && last && first.x < last.x);
});

Deno.test("arrange() leaves out ties whose ends are not there", () => {
  const places = arrange({ names: ["a"], ties: [["a", "gone"]] });
  assert.deepEqual(Object.keys(places), ["a"]);
});

Deno.test("placed() leaves what somebody has put somewhere, and puts the rest below", () => {
  const kept = { n0: { x: 500, y: 700 } };
  const places = placed({ names: names(3), ties: tiesOf(3) }, kept);
  assert.deepEqual(places.n0, { x: 500, y: 700 });
  assert.ok((places.n1?.y ?? 0) >= 700 + CARD.height);
});
