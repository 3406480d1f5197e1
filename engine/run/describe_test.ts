import assert from "node:assert/strict";
import { describeSteps, type StepRow } from "./describe.ts";
import type { Entry } from "./journal.ts";
import { timeSplit } from "./time_split.ts";

const ACCEPTED: Entry = {
  ...{ kind: "accepted", at: 1_000, pipeline: "p", version: "v" },
  ...{ input: null, priority: 5 },
};

const done = (step: string, since: number, at: number, attempt = 1): Entry => ({
  ...{ kind: "step.completed", step, since, at, attempt, output: step },
});

const failed = (
  step: string,
  since: number,
  at: number,
  retryAt?: number,
): Entry => ({
  ...{ kind: "step.failed", step, since, at, attempt: 1 },
  error: { message: "broken", code: "error", step },
  ...retryAt === undefined ? {} : { retryAt },
});

const statuses = (rows: readonly StepRow[]) =>
  rows.map(({ path, status }) => `${path} ${status}`);

Deno.test("describeSteps() tells of attempts, their times and what came of them", () => {
  const journal = [
    ACCEPTED,
    failed("pay", 1_100, 1_300, 2_300),
    done("pay", 2_300, 2_350, 2),
  ];
  assert.deepEqual(describeSteps(journal, { at: 1 }), [{
    path: "pay",
    status: "retrying",
    attempts: 1,
    startedAt: 1_100,
    error: { message: "broken", code: "error", step: "pay" },
    retryAt: 2_300,
  }]);
  assert.deepEqual(describeSteps(journal), [{
    path: "pay",
    status: "completed",
    attempts: 2,
    startedAt: 1_100,
    finishedAt: 2_350,
    durationMs: 1_250,
    output: "pay",
  }]);
  assert.deepEqual(describeSteps(journal, { at: 0 }), []);
});

Deno.test("describeSteps() gives a signal to the step that waits first, or waits next", () => {
  const wait = (step: string): Entry => ({
    ...{ kind: "step.waiting", at: 2_000, step, signal: "go" },
  });
  const go = (data: string): Entry => ({
    ...{ kind: "signal", at: 2_500, name: "go", data },
  });
  const journal = [ACCEPTED, wait("a"), wait("b"), go("1"), go("2"), go("")];
  assert.deepEqual(statuses(describeSteps(journal, { at: 3 })), [
    "a completed",
    "b waiting",
  ]);
  const rows = describeSteps([...journal, wait("c")]);
  assert.deepEqual(rows.map(({ output }) => output), ["1", "2", ""]);
});

Deno.test("describeSteps() marks what was undone, and what a run has survived", () => {
  const undone = [
    ACCEPTED,
    done("reserve", 1_000, 1_100),
    failed("pay", 1_100, 1_200),
    done("reserve~compensate", 1_200, 1_300),
  ];
  assert.deepEqual(statuses(describeSteps(undone)), [
    "reserve compensated",
    "pay failed",
    "reserve~compensate completed",
  ]);
  const end: Entry = { kind: "completed", at: 1_400, output: null };
  const survived = [ACCEPTED, failed("mail", 1_000, 1_100), end];
  assert.deepEqual(statuses(describeSteps(survived)), ["mail recovered"]);
});

Deno.test("describeSteps() leaves nothing waiting in a run that is over", () => {
  const error = { message: "Enough", code: "cancelled" };
  const journal: Entry[] = [
    ACCEPTED,
    { kind: "step.waiting", at: 1_000, step: "pause", until: 9_000 },
    failed("call", 1_000, 1_100, 5_000),
    { kind: "cancel", at: 1_200, reason: "Enough" },
    { kind: "cancelled", at: 1_200, error },
  ];
  const rows = describeSteps(journal);
  assert.deepEqual(statuses(rows), ["pause skipped", "call failed"]);
  for (const row of rows) {
    assert.equal(row.waitsFor, undefined);
    assert.equal(row.retryAt, undefined);
  }
});

Deno.test("timeSplit() tells waits and pauses from work", () => {
  const journal: Entry[] = [
    ACCEPTED,
    failed("pay", 1_400, 1_600, 2_600),
    done("pay", 2_600, 2_700, 2),
    { kind: "step.waiting", at: 2_700, step: "pause", until: 5_700 },
    done("pause", 2_700, 5_700),
    { kind: "step.child", at: 5_700, step: "child", run: "other" },
    done("child", 6_700, 6_700),
    { kind: "completed", at: 6_800, output: null },
  ];
  assert.deepEqual(timeSplit(journal, { nowMs: 99_000 }), {
    totalMs: 5_800,
    assignmentMs: 400,
    executionMs: 200 + 100 + 1_000,
    transitionMs: 5_800 - 400 - 1_300,
  });
});

Deno.test("timeSplit() counts what is under way, and a run that has not begun", () => {
  assert.deepEqual(timeSplit([ACCEPTED], { nowMs: 4_000 }), {
    ...{ totalMs: 3_000, assignmentMs: 3_000 },
    ...{ executionMs: 0, transitionMs: 0 },
  });
  const underWay = timeSplit([ACCEPTED], { nowMs: 4_000, underWay: [1_500] });
  assert.deepEqual(underWay, {
    ...{ totalMs: 3_000, assignmentMs: 500 },
    ...{ executionMs: 2_500, transitionMs: 0 },
  });
  // Side by side, attempts take longer than the run.
  const both = [ACCEPTED, done("a", 1_000, 3_000), done("b", 1_000, 3_000)];
  assert.equal(timeSplit(both, { nowMs: 3_000 }).transitionMs, 0);
});
