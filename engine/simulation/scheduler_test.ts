import assert from "node:assert/strict";
import { Chance } from "./chance.ts";
import { Scheduler } from "./scheduler.ts";

Deno.test("the scheduler lets things happen in order of time, then of asking, and jumps in between", async () => {
  const scheduler = new Scheduler();
  const happened: string[] = [];
  const at = (ms: number, name: string) =>
    scheduler.after(ms, () => happened.push(`${name} ${scheduler.nowMs}`));
  at(3_600_000, "late");
  at(5, "a");
  at(5, "b");
  at(-1, "past");
  const cancel = at(6, "never");
  cancel();
  assert.equal(await scheduler.run(() => false, 10_000_000), false);
  assert.deepEqual(happened, ["past 0", "a 5", "b 5", "late 3600000"]);
  assert.equal(scheduler.happened, 4);
});

Deno.test("the scheduler lets promises settle before the next thing happens", async () => {
  const scheduler = new Scheduler();
  const seen: number[] = [];
  async function chain(): Promise<void> {
    for (let i = 0; i < 100; i++) await undefined;
    seen.push(scheduler.nowMs);
  }
  scheduler.after(1, () => void chain());
  scheduler.after(2, () => seen.push(-1));
  await scheduler.run(() => false, 10);
  assert.deepEqual(seen, [1, -1]);
});

Deno.test("the scheduler stops where it is told, and goes on from there", async () => {
  const scheduler = new Scheduler();
  let count = 0;
  for (let ms = 1; ms <= 10; ms++) scheduler.after(ms, () => count++);
  assert.equal(await scheduler.run(() => count === 4, 100), true);
  assert.equal(scheduler.nowMs, 4);
  assert.equal(await scheduler.run(() => false, 3), false);
  assert.equal(count, 7);
  await scheduler.run(() => false, 100);
  assert.equal(count, 10);
});

Deno.test("the scheduler keeps the order of many things", async () => {
  const scheduler = new Scheduler(() => 1);
  const chance = new Chance(1);
  const times: number[] = [];
  for (let i = 0; i < 2_000; i++) {
    scheduler.after(chance.between(0, 500), () => times.push(scheduler.nowMs));
  }
  await scheduler.run(() => false, 1_000);
  assert.equal(times.length, 2_000);
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
});

Deno.test("chance repeats for a seed, and keeps to its weights", () => {
  const draw = (seed: number) => {
    const chance = new Chance(seed);
    return Array.from({ length: 20 }, () => chance.between(1, 6));
  };
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
  const chance = new Chance(1);
  const counts = { a: 0, b: 0, c: 0 };
  for (let i = 0; i < 1_000; i++) {
    counts[chance.weighted({ a: 3, b: 1, c: 0 })]++;
  }
  assert.equal(counts.c, 0);
  assert.ok(counts.a > 650 && counts.a < 850, JSON.stringify(counts));
  assert.throws(() => chance.weighted({ a: 0 }), /every weight is 0/);
});
