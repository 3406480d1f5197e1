/**
 * Runs workflows at certain times.
 *
 * @module
 */
import { z } from "zod";
import { defineTrigger, type Issue, type JsonObject } from "@engine/define.ts";
import { scheduleFields, SCHEDULES_MAX } from "@engine/schedule/fields.ts";
import { scheduleIssues } from "@engine/schedule/schedule_issues.ts";
import { checkTarget, targetKeys, targetOf } from "./_target.ts";

const job = z.strictObject({
  id: z.string().min(1).max(100).optional().describe(
    "What the schedule is called in the store, so that it goes on after a " +
      "restart; by default the workflow and the action",
  ).meta({ examples: ["nightly-report"] }),
  ...targetKeys,
  ...scheduleFields,
});

type Job = z.output<typeof job>;

export default defineTrigger({
  type: "schedule",
  summary: "Runs workflows at certain times, also those missed while stopped",
  config: z.strictObject({
    jobs: z.array(job).max(SCHEDULES_MAX).describe(
      "What runs when; the action is given trigger_time, the due time in RFC 3339",
    ),
  }),
  inert: {
    scheduler: "The engine keeps the time itself; no module is needed for it",
  },
  check: ({ jobs }) => [
    ...jobs.flatMap((entry, index) => [
      ...checkTarget(entry, ["jobs", index]),
      ...scheduleIssues(entry, ["jobs", index]),
    ]),
    ...twins(jobs),
  ],
  examples: [{
    title: "A report every night",
    modules: [],
    triggers: {
      schedule: {
        jobs: [{
          id: "nightly-report",
          cron: "0 2 * * *",
          timeZone: "Europe/Berlin",
          pipeline: "report",
        }],
      },
    },
    pipelines: {
      report: {
        steps: [{ id: "write", use: "log", with: { message: "The report" } }],
      },
    },
    runs: [{ pipeline: "report" }],
  }],
  wire({ jobs }, host) {
    const undo = named(jobs).map(([name, { id: _, params, ...entry }]) =>
      host.schedules.declare({
        ...timesOf(entry),
        ...targetOf(entry),
        params: params as JsonObject,
        id: `trigger:${name}`,
      })
    );
    return {
      unwire() {
        for (const undoOne of undo.toReversed()) undoOne();
      },
    };
  },
});

/**
 * Names that stay the same wherever a job stands in the list. Jobs that share
 * workflow and action are told apart by when they run, and only then by order.
 */
function named(jobs: readonly Job[]): readonly (readonly [string, Job])[] {
  const taken = new Set(jobs.flatMap(({ id }) => id ?? []));
  return jobs.map((entry) => {
    if (entry.id !== undefined) return [entry.id, entry];
    const { cron, every, at, timeZone } = entry;
    const short = nameOf(entry);
    const isShared = jobs.some((other) =>
      other !== entry && other.id === undefined && nameOf(other) === short
    );
    const zone = timeZone === undefined ? "" : ` ${timeZone}`;
    const long = `${short} @ ${cron ?? every ?? at}${zone}`;
    const base = isShared ? long : short;
    let name = base;
    for (let count = 2; taken.has(name); count++) name = `${base} #${count}`;
    taken.add(name);
    return [name, entry];
  });
}

function nameOf(entry: Job): string {
  const { workflow, action } = targetOf(entry);
  return `${workflow}.${action}`;
}

/** What a job says of its times, without what it runs. */
function timesOf<T extends Partial<Job>>(
  entry: T,
): Omit<T, keyof typeof targetKeys> {
  const { pipeline: _, workflow: __, action: ___, ...times } = entry;
  return times;
}

function twins(jobs: readonly Job[]): readonly Issue[] {
  return jobs.flatMap(({ id }, index) =>
    id !== undefined && jobs.findIndex((other) => other.id === id) < index
      ? [{
        code: "duplicate-name" as const,
        path: ["jobs", index, "id"],
        message: `Two jobs have the id "${id}"`,
      }]
      : []
  );
}
