import assert from "node:assert/strict";
import { HostSlots, WAITING_MAX } from "./_host_slots.ts";

const NEVER = new AbortController().signal;

/** Work that ends when it is told to. */
function job() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const state = { hasBegun: false };
  return {
    state,
    end: resolve,
    work: () => {
      state.hasBegun = true;
      return promise;
    },
  };
}

Deno.test("HostSlots.run() bounds what goes on with one host, and keeps the order", async () => {
  const slots = new HostSlots(1);
  const [a, b, c, other] = [job(), job(), job(), job()];
  const done = [a, b, c].map(({ work }) => slots.run("h", NEVER, work));
  const elsewhere = slots.run("o", NEVER, other.work);
  assert.deepEqual(
    [a, b, c, other].map(({ state }) => state.hasBegun),
    [true, false, false, true],
  );
  a.end();
  await done[0];
  await Promise.resolve();
  assert.deepEqual([b, c].map(({ state }) => state.hasBegun), [true, false]);
  b.end();
  c.end();
  other.end();
  await Promise.all([...done, elsewhere]);
});

Deno.test("HostSlots.run() gives up a wait that is aborted, and passes the place on after an error", async () => {
  const slots = new HostSlots(1);
  const first = job();
  const running = slots.run("h", NEVER, first.work);
  const controller = new AbortController();
  const waiting = slots.run("h", controller.signal, () => Promise.resolve());
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  first.end();
  await running;
  await assert.rejects(
    slots.run("h", NEVER, () => Promise.reject(new Error("failed"))),
    /failed/,
  );
  assert.equal(await slots.run("h", NEVER, () => Promise.resolve(7)), 7);
});

Deno.test("HostSlots.run() lets only so many wait", async () => {
  const slots = new HostSlots(1);
  const first = job();
  const all = [slots.run("h", NEVER, first.work)];
  for (let n = 0; n < WAITING_MAX; n++) {
    all.push(slots.run("h", NEVER, () => Promise.resolve()));
  }
  await assert.rejects(
    slots.run("h", NEVER, () => Promise.resolve()),
    /1000 calls wait for it already/,
  );
  first.end();
  await Promise.all(all);
});
