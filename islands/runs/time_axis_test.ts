import assert from "node:assert/strict";
import type { Lane } from "./lanes.ts";
import { TimeAxis } from "./time_axis.ts";

/** Work in these times. */
function work(...times: readonly (readonly [number, number])[]): Lane[] {
  return times.map(([from, to]) => ({
    ...{
      path: "work",
      attempt: 1,
      attempts: 1,
      first: 0,
      last: 1,
      isOpen: false,
    },
    segments: [{ kind: "execution", tone: "ok", from, to }],
  }));
}

Deno.test("a time axis is true to scale as long as times are alike", () => {
  const axis = new TimeAxis(work([0, 100], [250, 400]), 0, 400);
  assert.deepEqual(axis.breaks, []);
  assert.equal(axis.toX(100), 0.25);
  assert.equal(axis.toMs(0.5), 200);
});

Deno.test("a time axis shortens a wait that is much longer than the work", () => {
  const axis = new TimeAxis(
    work([0, 100], [3_600_100, 3_600_200]),
    0,
    3_600_200,
  );
  const [wait] = axis.breaks;
  assert.equal(axis.breaks.length, 1);
  assert.ok(wait !== undefined);
  assert.deepEqual([wait.from, wait.to], [100, 3_600_100]);
  assert.ok(wait.xEnd - wait.x < 0.3);
  assert.equal(axis.toX(100) - axis.toX(0), axis.toX(3_600_200) - wait.xEnd);
});

Deno.test("a time axis goes back and forth between times and places", () => {
  const axis = new TimeAxis(
    work([10, 20], [9_000, 9_050], [9_060, 9_100]),
    0,
    9_100,
  );
  for (let ms = 0; ms <= 9_100; ms += 7) {
    assert.ok(Math.abs(axis.toMs(axis.toX(ms)) - ms) < 0.001, String(ms));
  }
});

Deno.test("a time axis of a run that only waits is not shortened", () => {
  const axis = new TimeAxis([], 0, 86_400_000);
  assert.deepEqual(axis.breaks, []);
  assert.ok(axis.ticks().length >= 3);
});

Deno.test("a time axis of no time at all has a place for it", () => {
  const axis = new TimeAxis(work([5, 5]), 5, 5);
  assert.equal(axis.toX(5), 0);
});
