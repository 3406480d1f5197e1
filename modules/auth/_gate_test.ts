import assert from "node:assert/strict";
import { BusyError, Gate } from "./_gate.ts";

/** Work that ends when it is told to. */
function job() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let hasBegun = false;
  const work = () => {
    hasBegun = true;
    return promise;
  };
  return { work, resolve, reject, hasBegun: () => hasBegun };
}

Deno.test("Gate.run() lets only so much work go on at once, in order", async () => {
  const gate = new Gate({ atOnce: 2, waitingMax: 10 });
  const jobs = [job(), job(), job(), job()];
  const done = jobs.map(({ work }) => gate.run(work));
  const begun = () => jobs.map(({ hasBegun }) => hasBegun());
  await Promise.resolve();
  assert.deepEqual(begun(), [true, true, false, false]);
  jobs[1]!.resolve("b");
  assert.equal(await done[1], "b");
  await Promise.resolve();
  assert.deepEqual(begun(), [true, true, true, false]);
  jobs[0]!.resolve("a");
  jobs[2]!.resolve("c");
  jobs[3]!.resolve("d");
  assert.deepEqual(await Promise.all(done), ["a", "b", "c", "d"]);
});

Deno.test("Gate.run() gives the place on when work fails", async () => {
  const gate = new Gate({ atOnce: 1, waitingMax: 1 });
  const failing = job();
  const first = gate.run(failing.work);
  const second = gate.run(() => Promise.resolve("next"));
  failing.reject(new Error("Cannot do it"));
  await assert.rejects(first, /Cannot do it/);
  assert.equal(await second, "next");
  assert.equal(await gate.run(() => Promise.resolve("free")), "free");
});

Deno.test("Gate.run() refuses work when too much waits", async () => {
  const gate = new Gate({ atOnce: 1, waitingMax: 1 });
  const slow = job();
  const pending = [gate.run(slow.work), gate.run(slow.work)];
  await assert.rejects(gate.run(slow.work), BusyError);
  slow.resolve("done");
  assert.deepEqual(await Promise.all(pending), ["done", "done"]);
});
