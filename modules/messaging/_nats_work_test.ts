import assert from "node:assert/strict";
import { Work } from "./_nats_work.ts";

Deno.test("Work hands over in order, so many at a time", async () => {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const work = new Work<number>(2, (item) => {
    begun.push(item);
    return new Promise<void>((resolve) => ends.set(item, resolve));
  });
  for (const item of [1, 2, 3, 4]) work.push(item);
  await Promise.resolve();
  assert.deepEqual(begun, [1, 2]);
  assert.equal(work.size, 4);
  assert.deepEqual(work.items(), [1, 2, 3, 4]);
  ends.get(1)?.();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(begun, [1, 2, 3]);
  assert.deepEqual(work.takeWaiting(), [4]);
  const idle = work.idle();
  ends.get(2)?.();
  ends.get(3)?.();
  await idle;
  assert.equal(work.size, 0);
});

Deno.test("Work handles many that take no time, and those that come meanwhile", async () => {
  const got: number[] = [];
  const work = new Work<number>(1, (item) => {
    got.push(item);
    if (item < 10) work.push(item + 1_000);
  });
  for (let item = 0; item < 1_000; item++) work.push(item);
  await work.idle();
  assert.equal(got.length, 1_010);
  assert.deepEqual(got.slice(0, 3), [0, 1, 2]);
  assert.equal(got.at(-1), 1_009);
});
