/**
 * What `scheduler.cron` and its old name `scheduler` share: they differ in
 * nothing but the name.
 *
 * @module
 */
import { z } from "zod";
import type { Issue } from "@engine/define.ts";
import {
  cronField,
  missedField,
  overlapField,
  timeZoneField,
} from "@engine/schedule/fields.ts";
import { scheduleIssues } from "@engine/schedule/schedule_issues.ts";
import { Scheduler } from "@engine/services/scheduler.ts";

const config = z.strictObject({
  cronExpression: cronField.default("* * * * *"),
  timeZone: timeZoneField,
  missed: missedField,
  overlap: overlapField,
});

type Config = z.output<typeof config>;

/** The parts of the definition that do not depend on the name. */
export const cronScheduler = {
  stability: "stable",
  config,
  check: ({ cronExpression, timeZone }: Config): readonly Issue[] =>
    scheduleIssues({ cron: cronExpression, timeZone }, []).map((issue) =>
      issue.path[0] === "cron" ? { ...issue, path: ["cronExpression"] } : issue
    ),
  provides: [Scheduler],
  create: (
    { cronExpression: cron, timeZone, missed, overlap }: Config,
  ): Scheduler => ({ when: { cron, timeZone, missed, overlap } }),
} as const;
