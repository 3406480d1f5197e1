import assert from "node:assert/strict";
import fc from "fast-check";
import { parseCron } from "./cron.ts";
import {
  dueStep,
  MISSED_RUNS_MAX,
  ON_TIME_MS,
  RUNS_AT_A_TIME_MAX,
} from "./due_step.ts";
import type { Claim, ScheduleRow } from "./row.ts";
import { lastDue, timingOf } from "./timing.ts";

const START_MS = Date.UTC(2026, 0, 1);
/** Each minute, without the cost of a calendar. */
const timing = timingOf({ every: "1m" }, START_MS - 60_000);

/** Every due time that is run for until nothing is due any more. */
function fired(
  row: Pick<ScheduleRow, "missed" | "overlap">,
  dueAt: number,
  now: number,
): number[] {
  const times: number[] = [];
  let next: number | undefined = dueAt;
  while (next !== undefined && next <= now) {
    const step = dueStep({ ...row, running: [] }, next, { timing, now });
    if (step.kind === "wait") throw new Error("Cannot wait: nothing runs");
    if (step.fire !== undefined) times.push(step.fire);
    assert.ok((step.nextDueAt ?? Infinity) > next, "it goes on");
    next = step.nextDueAt;
  }
  return times;
}

Deno.test("dueStep() runs for the due times that the policy keeps, each once", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("skip" as const, "once" as const, "all" as const),
      fc.integer({ min: 0, max: 300 * 60_000 }),
      (missed, lateMs) => {
        const now = START_MS + lateMs;
        const times = fired({ missed, overlap: "allow" }, START_MS, now);
        const due = Array.from(
          { length: Math.floor(lateMs / 60_000) + 1 },
          (_, index) => START_MS + index * 60_000,
        );
        const onTime = due.filter((at) => now - at <= ON_TIME_MS);
        const wanted = {
          skip: onTime,
          once: due.slice(-1),
          all: due.slice(-MISSED_RUNS_MAX),
        }[missed];
        assert.deepEqual(times, wanted);
      },
    ),
  );
});

Deno.test("dueStep() waits, skips or goes on where runs are under way", () => {
  const claim = {} as Claim;
  const step = (
    missed: ScheduleRow["missed"],
    overlap: ScheduleRow["overlap"],
    { running, lateMs }: { running: number; lateMs: number },
  ) => {
    const row = { missed, overlap, running: Array(running).fill(claim) };
    const result = dueStep(row, START_MS, { timing, now: START_MS + lateMs });
    if (result.kind === "wait") return "wait";
    return result.fire === undefined ? result.left?.status : "fire";
  };
  const full = RUNS_AT_A_TIME_MAX;
  assert.equal(step("once", "allow", { running: 1, lateMs: 0 }), "fire");
  assert.equal(step("once", "skip", { running: 1, lateMs: 0 }), "skipped");
  assert.equal(step("once", "skip", { running: 1, lateMs: 99_000 }), "skipped");
  assert.equal(step("all", "skip", { running: 1, lateMs: 0 }), "skipped");
  assert.equal(step("all", "skip", { running: 1, lateMs: 99_000 }), "wait");
  assert.equal(step("all", "allow", { running: full, lateMs: 0 }), "skipped");
  assert.equal(step("all", "allow", { running: full, lateMs: 99_000 }), "wait");
  assert.equal(step("skip", "allow", { running: 0, lateMs: 99_000 }), "missed");
});

Deno.test("lastDue() finds the last due time, however many there were", () => {
  const years = 20 * 365 * 86_400_000;
  assert.equal(
    lastDue(parseCron("* * * * *"), START_MS, START_MS + years + 59_999),
    START_MS + years,
  );
  assert.equal(lastDue(timing, START_MS, START_MS), START_MS);
  const once = timingOf({ at: "2026-01-01T00:00:00Z" }, 0);
  assert.equal(lastDue(once, START_MS, START_MS + years), START_MS);
});

Deno.test("timingOf() keeps intervals where they began, also far from there", () => {
  const seven = timingOf({ every: "7m" }, START_MS);
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (offset) => {
      const next = seven.nextAfter(START_MS + offset) ?? NaN;
      assert.ok(next > START_MS + offset);
      assert.equal((next - START_MS) % (7 * 60_000), 0);
      assert.ok(next - Math.max(START_MS, START_MS + offset) <= 7 * 60_000);
    }),
  );
});
