/**
 * The contract of what says when jobs run.
 *
 * @module
 */
import type { ScheduleSpec } from "../schedule/row.ts";
import { defineService } from "../service.ts";

/** Says when. It runs nothing itself: a section that names it declares a schedule. */
export interface Scheduler {
  /** Read anew whenever a document is wired. */
  readonly when: Pick<
    ScheduleSpec,
    "cron" | "timeZone" | "missed" | "overlap"
  >;
}

/** Modules that jobs can name as what runs them. */
export const Scheduler = defineService<Scheduler>(
  "scheduler",
  "says when jobs run",
);
