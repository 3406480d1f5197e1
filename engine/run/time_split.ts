/**
 * Where the time of a run has gone.
 *
 * @module
 */
import { endOf, type Entry } from "./journal.ts";

/** Parts of the time of a run, in milliseconds. */
export interface TimeSplit {
  /** From its acceptance to its end, or to now. */
  readonly totalMs: number;
  /** Until its first step began. */
  readonly assignmentMs: number;
  /** What attempts took together; of those side by side, each counts. */
  readonly executionMs: number;
  /** The rest: waits, breakpoints, pauses between attempts, going from step to step. */
  readonly transitionMs: number;
}

/**
 * Splits the time of a run.
 *
 * @param underWay When attempts that are under way began.
 */
export function timeSplit(
  entries: readonly Entry[],
  { nowMs, underWay = [] }: {
    readonly nowMs: number;
    readonly underWay?: Iterable<number>;
  },
): TimeSplit {
  const acceptedAt = entries[0]?.at ?? nowMs;
  const lastAt = endOf(entries)?.at ?? nowMs;
  let firstAt = lastAt;
  let executionMs = 0;
  const waits = new Set<string>();
  const children = new Map<string, number>();
  for (const entry of entries) {
    if (!("step" in entry)) continue;
    if (entry.kind === "paused" || entry.kind === "resumed") continue;
    const { step, at } = entry;
    if (entry.kind === "step.waiting") waits.add(step);
    if (entry.kind === "step.child") children.set(step, at);
    const since = "since" in entry ? children.get(step) ?? entry.since : at;
    firstAt = Math.min(firstAt, since);
    // A wait is no attempt, though it has a beginning and an end.
    if (!waits.has(step)) executionMs += at - since;
  }
  for (const since of underWay) {
    firstAt = Math.min(firstAt, since);
    executionMs += lastAt - since;
  }
  const totalMs = lastAt - acceptedAt;
  const assignmentMs = firstAt - acceptedAt;
  return {
    ...{ totalMs, assignmentMs, executionMs },
    transitionMs: Math.max(0, totalMs - assignmentMs - executionMs),
  };
}
