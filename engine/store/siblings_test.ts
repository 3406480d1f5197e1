import assert from "node:assert/strict";
import fc from "fast-check";
import { type Atom, type Sibling, Siblings } from "./siblings.ts";

Deno.test("Siblings stay sorted and complete through thousands of changes", () => {
  // Runs of ascending, descending and scattered numbers are added and taken away
  // again, so that leaves split at their ends and within, and join.
  const run = fc.record({
    start: fc.nat({ max: 4_000 }),
    count: fc.nat({ max: 900 }),
    stride: fc.constantFrom(1, -1, 3, 1_409),
    isRemoval: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 12 }), (runs) => {
      const siblings = new Siblings<Sibling>();
      const expected = new Map<Atom, Sibling>();
      for (const { start, count, stride, isRemoval } of runs) {
        for (let i = 0; i < count; i++) {
          const atom = start + i * stride;
          const there = expected.get(atom);
          if (isRemoval ? there === undefined : there !== undefined) continue;
          const node = there ?? { atom, order: atom };
          if (isRemoval) siblings.remove(node);
          else siblings.add(node);
          if (isRemoval) expected.delete(atom);
          else expected.set(atom, node);
        }
        assertHolds(siblings, expected);
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("Siblings sort text, bigints, numbers and booleans in this order", () => {
  const ordered: Atom[] = ["", "a", "b", -2n, 3n, -1.5, 0, 7, false, true];
  const siblings = new Siblings<Sibling>();
  for (const atom of ordered.toReversed()) siblings.add({ atom, order: atom });
  const seen: Atom[] = [];
  siblings.scan(undefined, undefined, ({ atom }) => seen.push(atom) > 0);
  assert.deepEqual(seen, ordered);
});

Deno.test("Siblings stop a scan when the visitor has enough", () => {
  const siblings = new Siblings<Sibling>();
  for (let i = 0; i < 2_000; i++) siblings.add({ atom: i, order: i });
  const seen: Atom[] = [];
  const visit = ({ atom }: Sibling) => seen.push(atom) < 3;
  assert.equal(siblings.scan(700, undefined, visit), false);
  assert.equal(
    siblings.scanBack(undefined, 1.5, ({ atom }) => seen.push(atom) < 9),
    true,
  );
  assert.deepEqual(seen, [700, 701, 702, 1, 0]);
});

function assertHolds(
  siblings: Siblings<Sibling>,
  expected: ReadonlyMap<Atom, Sibling>,
): void {
  const atoms = [...expected.keys()].map(Number).sort((a, b) => a - b);
  assert.equal(siblings.isEmpty, atoms.length === 0);
  for (
    const [low, high] of [[undefined, undefined], [500, 2_500], [100.5, 100.5]]
  ) {
    const inRange = atoms.filter((atom) =>
      (low === undefined || atom >= low) && (high === undefined || atom <= high)
    );
    const forward: Atom[] = [];
    siblings.scan(low, high, ({ atom }) => forward.push(atom) > 0);
    assert.deepEqual(forward, inRange);
    const back: Atom[] = [];
    siblings.scanBack(low, high, ({ atom }) => back.push(atom) > 0);
    assert.deepEqual(back, inRange.toReversed());
  }
  for (const atom of [0, 1_409, 2_000, 4_000]) {
    assert.equal(siblings.get(atom), expected.get(atom));
  }
}
