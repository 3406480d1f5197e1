import assert from "node:assert/strict";
import { describeSteps } from "./describe.ts";
import { type Entry, RUN_STATUSES, unknownKind } from "./journal.ts";
import { Pauses, statusOf } from "./machine_pauses.ts";
import { timeSplit } from "./time_split.ts";

const accepted: Entry = {
  ...{ kind: "accepted", at: 0, pipeline: "p", version: "v", input: {} },
  priority: 5,
};
const paused = (at: number, step = "a"): Entry => ({
  ...{ kind: "paused", at, step, until: at + 100, breakpoint: "bp-1" },
});
const resumed = (
  at: number,
  step = "a",
  how: "continue" | "step" | "auto" = "continue",
): Entry => ({ kind: "resumed", at, step, how });
const cancel = (at: number): Entry => ({ kind: "cancel", at, reason: "no" });

/** What has become of pauses after some entries. */
function after(...entries: readonly Entry[]) {
  const pauses = new Pauses();
  const stood = entries.map((entry) => pauses.take(entry));
  return { ...pauses, step: pauses.pause?.step, stood };
}

Deno.test("a pause lasts until the run is let go from that step, and its time adds up", () => {
  assert.equal(after(paused(10)).step, "a");
  assert.equal(after(paused(10), resumed(30, "b")).step, "a");
  const twice = after(
    paused(10),
    resumed(30),
    paused(50, "b"),
    resumed(55, "b"),
  );
  assert.equal(twice.step, undefined);
  assert.equal(twice.pausedMs, 25);
  assert.deepEqual(twice.stood, [undefined, 20, undefined, 5]);
  assert.deepEqual(after(resumed(30)).stood, [undefined]);
});

Deno.test("a clock that was set back takes no time from a pause", () => {
  const { pausedMs, stood } = after(paused(50), resumed(20));
  assert.deepEqual([pausedMs, stood[1]], [0, 0]);
});

Deno.test("a run that is to do one step is to stop before the next, until it does or goes on by itself", () => {
  assert.equal(after(paused(1), resumed(2, "a", "step")).isStepping, true);
  const stopped = after(paused(1), resumed(2, "a", "step"), paused(3, "b"));
  assert.equal(stopped.isStepping, false);
  assert.equal(stopped.limitMs, 100);
  assert.equal(after(paused(1), resumed(2, "a", "auto")).isStepping, false);
});

Deno.test("a cancel or a timeout ends a pause, and there is none after it", () => {
  for (const end of [cancel(20), { kind: "timeout", at: 20 } as const]) {
    const off = after(paused(10), end, paused(30));
    assert.equal(off.step, undefined);
    assert.equal(off.isOff, true);
    assert.deepEqual(off.stood, [undefined, 10, undefined]);
  }
});

Deno.test("a journal tells whether its run is paused, and which kinds only a later version knows", () => {
  const waiting: Entry = { kind: "step.waiting", at: 5, step: "w" };
  assert.equal(statusOf([accepted]), "running");
  assert.equal(statusOf([accepted, waiting]), "waiting");
  assert.equal(statusOf([accepted, waiting, paused(9)]), "paused");
  assert.equal(statusOf([accepted, paused(9), resumed(10)]), "running");
  assert.equal(unknownKind([accepted, paused(9), resumed(10)]), undefined);
  assert.equal(unknownKind([accepted, { kind: "rewound" }]), "rewound");
  assert.ok(RUN_STATUSES.includes("paused"));
});

Deno.test("the time of a pause is none of an attempt's, and counts as no beginning", () => {
  const done: Entry = {
    ...{ kind: "step.completed", at: 90, step: "a", attempt: 1, since: 80 },
    output: null,
  };
  const entries = [accepted, paused(10), resumed(70), done];
  assert.deepEqual(timeSplit(entries, { nowMs: 100 }), {
    ...{ totalMs: 100, assignmentMs: 80, executionMs: 10, transitionMs: 10 },
  });
});

Deno.test("the table of a run moves the times of waits and retries by a pause, and shows it at every entry", () => {
  const error = { message: "no", code: "error" };
  const entries: Entry[] = [
    accepted,
    { kind: "step.waiting", at: 0, step: "w", until: 50 },
    {
      ...{ kind: "step.failed", at: 5, step: "r", attempt: 1, since: 0, error },
      retryAt: 40,
    },
    paused(10),
    {
      ...{
        kind: "step.failed",
        at: 20,
        step: "s",
        attempt: 1,
        since: 0,
        error,
      },
      retryAt: 25,
    },
    resumed(110),
  ];
  const rowsAt = (at: number) =>
    Object.fromEntries(
      describeSteps(entries, { at }).map((row) => [row.path, row]),
    );
  assert.equal(rowsAt(2).a, undefined);
  assert.deepEqual(rowsAt(4).a, {
    ...{ path: "a", status: "paused", attempts: 0 },
    waitsFor: { kind: "breakpoint", until: 110, breakpoint: "bp-1" },
  });
  const now = rowsAt(5);
  assert.equal(now.a?.status, "running");
  assert.equal(now.a?.waitsFor, undefined);
  assert.deepEqual(now.w?.waitsFor, { kind: "time", until: 150 });
  assert.equal(now.r?.retryAt, 140);
  // It had 5 ms to wait when the run stood, and has them when it goes on.
  assert.equal(now.s?.retryAt, 115);
});
