import assert from "node:assert/strict";
import { simulatedEffects } from "../simulation/effects.ts";
import { Timers } from "./timers.ts";

/** Timers, and the order in which they have called. */
function timersOf() {
  const { clock, advance } = simulatedEffects({ startMs: 0 });
  let offsetMs = 0;
  const timers = new Timers({ ...clock, now: () => clock.now() + offsetMs });
  const called: string[] = [];
  return {
    ...{ timers, called, advance },
    add: (atMs: number, name: string) =>
      timers.add(atMs, () => called.push(`${name} at ${clock.now()}`)),
    jump: (ms: number) => offsetMs += ms,
  };
}

Deno.test("timers call in order of their time, then of when they were added", async () => {
  const { add, advance, called } = timersOf();
  add(30, "c");
  add(10, "a");
  add(20, "b1");
  add(20, "b2");
  add(5, "first");
  await advance(100);
  assert.deepEqual(called, [
    "first at 5",
    "a at 10",
    "b1 at 20",
    "b2 at 20",
    "c at 30",
  ]);
});

Deno.test("a timer whose time has passed calls at once, and none is early", async () => {
  const { add, advance, called } = timersOf();
  await advance(50);
  add(10, "past");
  add(60, "later");
  await advance(0);
  assert.deepEqual(called, ["past at 50"]);
  await advance(9);
  assert.deepEqual(called.length, 1);
  await advance(1);
  assert.deepEqual(called, ["past at 50", "later at 60"]);
});

Deno.test("timers notice within a minute that the wall clock was set ahead, and wait when it was set back", async () => {
  const { add, advance, called, jump } = timersOf();
  add(86_400_000, "tomorrow");
  jump(86_400_000);
  await advance(60_000);
  assert.deepEqual(called, ["tomorrow at 60000"]);
  jump(-86_400_000);
  add(70_000, "soon");
  jump(-5_000);
  await advance(10_000);
  assert.deepEqual(called.length, 1);
  await advance(5_000);
  assert.deepEqual(called[1], "soon at 75000");
});

Deno.test("a timer that is taken back does not call, and is not kept", async () => {
  const { timers, add, advance, called } = timersOf();
  const cancels = Array.from({ length: 1_000 }, (_, i) => add(i, `${i}`));
  for (const [i, cancel] of cancels.entries()) if (i % 100 !== 7) cancel();
  assert.equal(timers.size, 10);
  cancels[0]?.();
  assert.equal(timers.size, 10);
  await advance(2_000);
  assert.deepEqual(
    called.map((text) => text.split(" ")[0]),
    ["7", "107", "207", "307", "407", "507", "607", "707", "807", "907"],
  );
  assert.equal(timers.size, 0);
  cancels[7]?.();
  assert.equal(timers.size, 0);
});

Deno.test("a timer that throws does not keep the others from calling", async () => {
  const { timers, add, advance, called } = timersOf();
  timers.add(10, () => {
    throw new Error("no");
  });
  add(10, "same");
  add(20, "later");
  await assert.rejects(advance(30), /no/);
  await advance(30);
  assert.deepEqual(called.map((text) => text.split(" ")[0]), ["same", "later"]);
});

Deno.test("timers that are closed call nothing any more", async () => {
  const { timers, add, advance, called } = timersOf();
  add(10, "a");
  timers.add(5, () => timers.close());
  await advance(100);
  add(200, "b");
  await advance(300);
  assert.deepEqual(called, []);
});
