/**
 * What stands still with a run that is paused, what goes on, and what does not
 * begin any more.
 */
import assert from "node:assert/strict";
import { undoable, work } from "./_compiled_test.ts";
import { pausable } from "./_paused_test.ts";
import { STEPS_RUNNING_MAX } from "./executor.ts";
import { explainRun } from "./explain.ts";

const wait = (id: string, wait: Record<string, unknown>) => ({ id, wait });
const AB = { steps: [work("a"), work("b"), work("c")] };

Deno.test("the timeout of a run, its waits and its retries stand still with it, and go on with what was left", async () => {
  await using it = await pausable(
    {
      timeout: "20s",
      steps: [{
        id: "both",
        parallel: {
          left: [wait("w", { for: "10s" }), work("l")],
          right: [
            work("r", { retry: { attempts: 2, backoff: "8s", jitter: 0 } }),
          ],
          stop: [wait("s", { for: "4s" }), work("stop")],
        },
      }, wait("long", { signal: "never" })],
    },
    [{ step: "stop", autoResumeMs: 3_600_000 }],
    {
      does: ({ step, attempt }) => {
        if (step === "r" && attempt === 1) throw new Error("Not yet");
        return null;
      },
    },
  );
  const id = await it.begin();
  await it.pass(4_000);
  assert.equal(it.at(id), "stop");
  await it.pass(3_000_000);
  assert.deepEqual(it.done, ["r #1"]);
  const rows = await it.rows(id);
  assert.deepEqual(
    rows.map(({ path, status }) => `${path} ${status}`),
    [
      ...["both running", "w waiting", "r retrying", "s completed"],
      ...["stop paused", "l pending", "long pending"],
    ],
  );
  await it.go(id);
  await it.pass(3_999);
  assert.deepEqual(it.done, ["r #1", "stop #1"]);
  await it.pass(1);
  assert.deepEqual(it.done, ["r #1", "stop #1", "r #2"]);
  await it.pass(2_000);
  assert.equal(it.done.at(-1), "l #1");
  const told = await explainRun(it.runs, id);
  assert.equal(
    told?.timeoutAt,
    (it.runs.find(id)?.accepted.at ?? 0) + 20_000 + 3_000_000,
  );
  await it.pass(9_999);
  assert.equal(await it.status(id), "waiting");
  await it.pass(1);
  assert.match(String(await it.end(id)), /longer than 20000 ms/);
});

Deno.test("what was left of waits is the same for a process that goes on", async () => {
  await using it = await pausable({
    steps: [{
      id: "both",
      parallel: {
        left: [wait("w", { for: "10s" }), work("l")],
        stop: [wait("s", { for: "4s" }), work("stop")],
      },
    }],
  }, [{ step: "stop", autoResumeMs: 60_000 }]);
  await it.begin();
  await it.pass(5_000);
  await using second = await it.again();
  await second.pass(59_000);
  assert.deepEqual(second.done, ["stop #1"]);
  await second.pass(5_999);
  assert.deepEqual(second.done, ["stop #1"]);
  await second.pass(1);
  assert.deepEqual(second.done, ["stop #1", "l #1"]);
});

Deno.test("a branch that is under way goes on to its end while its run is paused, and begins nothing more", async () => {
  const ends: (() => void)[] = [];
  await using it = await pausable(
    {
      steps: [{
        id: "both",
        parallel: {
          left: [work("l", { timeout: "1m" }), work("l2")],
          right: [wait("s", { for: "1s" }), work("r")],
          signalled: [wait("g", { signal: "go" }), work("g2")],
        },
      }],
    },
    ["r"],
    {
      does: ({ step }) =>
        step === "l" ? new Promise((end) => ends.push(() => end(1))) : null,
    },
  );
  const id = await it.begin();
  await it.pass(1_000);
  assert.equal(it.at(id), "r");
  ends[0]?.();
  await it.runs.signal(id, "go", 1);
  await it.pass(0);
  assert.deepEqual(it.done, ["l #1"]);
  const statuses = Object.fromEntries(
    (await it.rows(id)).map(({ path, status }) => [path, status]),
  );
  assert.equal(statuses.l, "completed");
  assert.equal(statuses.g, "completed");
  assert.equal(statuses.l2, "pending");
  const told = await explainRun(it.runs, id);
  assert.deepEqual(told?.reasons.map(({ kind }) => kind), [
    ...["paused", "held", "held"],
  ]);
  await it.go(id);
  assert.deepEqual(it.done.toSorted(), ["g2 #1", "l #1", "l2 #1", "r #1"]);
});

Deno.test("an attempt that is under way while its run is paused is not made a second time", async () => {
  const ends: (() => void)[] = [];
  await using it = await pausable(
    {
      steps: [{
        id: "both",
        parallel: {
          left: [
            work("l", { retry: { attempts: 3, backoff: "1s", jitter: 0 } }),
          ],
          right: [wait("s", { for: "2s" }), work("r")],
        },
      }],
    },
    ["r"],
    {
      does: ({ step, attempt }) => {
        if (step !== "l") return null;
        if (attempt === 1) throw new Error("Not yet");
        return new Promise((end) => ends.push(() => end(1)));
      },
    },
  );
  const id = await it.begin();
  await it.pass(2_000);
  assert.equal(it.at(id), "r");
  await it.go(id);
  assert.deepEqual(it.done, ["l #1", "l #2", "r #1"]);
  ends[0]?.();
  await it.pass(0);
  assert.equal(await it.status(id), "completed");
});

Deno.test("a step that waits for others to end does not begin while its run is paused, and begins once", async () => {
  const ends: (() => void)[] = [];
  await using it = await pausable(
    {
      steps: [{
        id: "kind",
        switch: [{
          when: "input.many == true",
          steps: [{
            id: "each",
            forEach: "input.items",
            concurrency: 1_000,
            steps: [work("e")],
          }],
        }, {
          steps: [{
            id: "both",
            parallel: {
              left: [work("l")],
              right: [wait("s", { for: "1s" }), work("r")],
            },
          }],
        }],
      }],
    },
    ["r"],
    {
      does: ({ step }) =>
        step.startsWith("each")
          ? new Promise((end) => ends.push(() => end(1)))
          : null,
    },
  );
  const items = Array.from({ length: STEPS_RUNNING_MAX }, (_, i) => i);
  await it.begin({ many: true, items });
  const id = await it.begin({ many: false });
  await it.pass(1_000);
  assert.equal(it.at(id), "r");
  for (const end of ends) end();
  await it.pass(0);
  assert.equal(it.done.includes("l #1"), false);
  await it.go(id);
  assert.deepEqual(it.done.slice(items.length).toSorted(), ["l #1", "r #1"]);
  assert.equal(await it.status(id), "completed");
});

Deno.test("a branch that fails while its run is paused keeps the others from beginning", async () => {
  const fails: (() => void)[] = [];
  await using it = await pausable(
    {
      steps: [undoable("u"), {
        id: "both",
        parallel: {
          left: [work("l", { retry: { attempts: 1 } })],
          right: [wait("s", { for: "1s" }), work("r")],
        },
      }],
    },
    ["r"],
    {
      does: ({ step }) =>
        step === "l"
          ? new Promise((_, fail) => fails.push(() => fail(new Error("No"))))
          : null,
    },
  );
  const id = await it.begin();
  await it.pass(1_000);
  fails[0]?.();
  await it.pass(0);
  assert.equal(await it.status(id), "paused");
  assert.deepEqual(it.done, ["u #1", "l #1"]);
  await it.go(id);
  assert.equal(await it.end(id), "failed: No");
  assert.deepEqual(it.done, ["u #1", "l #1", "u~compensate #1"]);
});

Deno.test("a run that is paused is cancelled, and undone without another stop", async () => {
  await using it = await pausable({
    steps: [undoable("u"), work("a")],
  }, ["u", "a"]);
  const id = await it.begin();
  await it.go(id);
  assert.equal(it.at(id), "a");
  await it.runs.cancel(id, "enough");
  await it.pass(0);
  assert.equal(await it.end(id), "cancelled: enough");
  assert.deepEqual(it.done, ["u #1", "u~compensate #1"]);
});

Deno.test("a cancel that comes while it is written that a run is paused ends the run", async () => {
  await using it = await pausable(AB, ["a"]);
  const started = await it.runs.start("p", {});
  const cancelled = it.runs.cancel(started.id, "enough");
  await it.pass(0);
  await cancelled;
  assert.equal(await it.end(started.id), "cancelled: enough");
  assert.deepEqual(it.done, []);
});

Deno.test("a breakpoint of one use is not used up by a run that is cancelled as it stops", async () => {
  await using it = await pausable(AB, [{ step: "a", once: true }]);
  const { id } = await it.runs.start("p", {});
  assert.equal(it.runs.find(id)?.turning, "pausing");
  await it.runs.cancel(id, "enough");
  await it.pass(0);
  assert.equal(await it.end(id), "cancelled: enough");
  const next = await it.begin();
  assert.equal(await it.status(next), "paused");
});

Deno.test("a run stops at the steps of its handlers, and its child at its own", async () => {
  await using it = await pausable(
    {
      steps: [
        { id: "inner", use: "pipeline:child" },
        work("a", { retry: { attempts: 1 }, onError: [work("h")] }),
      ],
      onSuccess: [work("s")],
    },
    [{ step: "h", condition: "error.code == 'error'" }, "s"],
    {
      does: ({ step }) => {
        if (step === "a") throw new Error("No");
        return null;
      },
    },
  );
  await it.runs.breakpoints.set({ pipeline: "child", step: "inner" });
  const id = await it.begin();
  await it.pass(10);
  const told = await explainRun(it.runs, id);
  assert.match(told?.reasons[0]?.message ?? "", /inner: paused at bp-3 since/);
  const child = [...it.runs.live()].find((run) => run.id !== id)?.id ?? "";
  await it.go(child);
  await it.pass(10);
  assert.equal(it.at(id), "h");
  await it.go(id);
  assert.equal(it.at(id), "s");
  await it.go(id);
  assert.equal(await it.status(id), "completed");
});
