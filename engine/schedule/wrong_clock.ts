/**
 * Finds due times that were reckoned by a clock that was far ahead.
 *
 * @module
 */
import type { Schedule, ScheduleRow } from "./row.ts";
import { timingOf } from "./timing.ts";

/**
 * A wall clock that was so far ahead was wrong: due times that were reckoned by
 * it are reckoned anew. After a smaller step back they are waited for, so that
 * none comes twice.
 */
export const CLOCK_BACK_MS_MAX = 86_400_000;

/** The row with a due time that is right, if the one that it has is wrong. */
export function reckonedAnew(
  schedule: Schedule,
  now: number,
): ScheduleRow & { readonly nextDueAt: number } | undefined {
  const { nextDueAt } = schedule;
  if (nextDueAt === null || nextDueAt - now <= CLOCK_BACK_MS_MAX) {
    return undefined;
  }
  // Intervals that begin in the future began by the wrong clock as well.
  const anchorAt = Math.min(schedule.anchorAt, now);
  const earliest = timingOf(schedule, anchorAt).nextAfter(now) ?? nextDueAt;
  return nextDueAt - earliest <= CLOCK_BACK_MS_MAX
    ? undefined
    : { ...schedule, anchorAt, nextDueAt: earliest };
}
