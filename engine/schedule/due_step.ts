/**
 * What is to be done about a schedule whose due time has come: pure, so that
 * every case of lateness and overlap can be tried without a clock.
 *
 * @module
 */
import type { Firing, ScheduleRow } from "./row.ts";
import { lastDue, type Timing } from "./timing.ts";

/** A run that begins so much after its due time still counts as on time. */
export const ON_TIME_MS = 10_000;

/** How many missed runs `missed: all` makes up for; older ones are left out. */
export const MISSED_RUNS_MAX = 100;

/** How many runs of one schedule go on at a time with `overlap: allow`. */
export const RUNS_AT_A_TIME_MAX = 10;

/** What is to be done. */
export type DueStep =
  /** Nothing before a run that is under way has ended. */
  | { readonly kind: "wait" }
  /** Go on to `nextDueAt`, and run for the due time `fire`, if there is one. */
  | {
    readonly kind: "go";
    readonly fire: number | undefined;
    readonly nextDueAt: number | undefined;
    /** Due times for which nothing runs, to be remembered as such. */
    readonly left: LeftOut | undefined;
  };

/** Why nothing runs for a due time, or for all from `dueAt` to `untilAt`. */
export interface LeftOut {
  readonly status: Extract<Firing["status"], "missed" | "skipped">;
  readonly dueAt: number;
  readonly untilAt: number;
  readonly reason: string;
}

/** Decides about a due time that is not in the future. */
export function dueStep(
  row: Pick<ScheduleRow, "missed" | "overlap" | "running">,
  dueAt: number,
  { timing, now }: { readonly timing: Timing; readonly now: number },
): DueStep {
  const { fire, left } = choose(row.missed, dueAt, { timing, now });
  if (fire === undefined) {
    const nextDueAt = timing.nextAfter(now - ON_TIME_MS - 1);
    return { kind: "go", fire, nextDueAt, left };
  }
  const nextDueAt = timing.nextAfter(fire);
  const places = row.overlap === "skip" ? 1 : RUNS_AT_A_TIME_MAX;
  if (row.running.length < places) {
    return { kind: "go", fire, nextDueAt, left };
  }
  if (row.missed === "all" && isLate(fire, now)) return { kind: "wait" };
  return {
    kind: "go",
    fire: undefined,
    nextDueAt,
    left: {
      status: "skipped",
      dueAt: fire,
      untilAt: fire,
      reason: row.overlap === "skip"
        ? 'the run before it is still going on, and "overlap" is "skip"'
        : `${RUNS_AT_A_TIME_MAX} runs are still going on, which is the limit`,
    },
  };
}

interface Choice {
  readonly fire: number | undefined;
  readonly left: LeftOut | undefined;
}

/** Which of the due times that have passed is run for, and which are left out. */
function choose(
  policy: ScheduleRow["missed"],
  dueAt: number,
  at: { readonly timing: Timing; readonly now: number },
): Choice {
  if (!isLate(dueAt, at.now)) return { fire: dueAt, left: undefined };
  const last = lastDue(at.timing, dueAt, at.now);
  if (policy === "all") return chooseAll(dueAt, last, at.timing);
  if (policy === "once") {
    const left = last === dueAt ? undefined : leftOut(
      dueAt,
      lastDue(at.timing, dueAt, last - 1),
      'one run makes up for them, since "missed" is "once"',
    );
    return { fire: last, left };
  }
  // Those that are on time are run for one by one in the steps that follow.
  const lastLate = lastDue(at.timing, dueAt, at.now - ON_TIME_MS - 1);
  const reason = '"missed" is "skip"';
  return { fire: undefined, left: leftOut(dueAt, lastLate, reason) };
}

function chooseAll(dueAt: number, last: number, timing: Timing): Choice {
  const isWithin = countUpTo(timing, dueAt, last) <= MISSED_RUNS_MAX;
  if (isWithin) return { fire: dueAt, left: undefined };
  let first = last;
  for (let count = 1; count < MISSED_RUNS_MAX; count++) {
    first = lastDue(timing, dueAt, first - 1);
  }
  const lastLeft = lastDue(timing, dueAt, first - 1);
  return {
    fire: first,
    left: leftOut(
      dueAt,
      lastLeft,
      `at most ${MISSED_RUNS_MAX} missed runs are made up for`,
    ),
  };
}

/** How many due times there are from `dueAt` to `last`, counted no further than needed. */
function countUpTo(timing: Timing, dueAt: number, last: number): number {
  let count = 1;
  let at: number | undefined = dueAt;
  while (at !== undefined && at < last && count <= MISSED_RUNS_MAX) {
    at = timing.nextAfter(at);
    count++;
  }
  return count;
}

function leftOut(dueAt: number, untilAt: number, reason: string): LeftOut {
  return { status: "missed", dueAt, untilAt, reason };
}

function isLate(dueAt: number, now: number): boolean {
  return now - dueAt > ON_TIME_MS;
}
