/**
 * A list of jobs with a time each. A run of a job is an event on the document's
 * broker: whoever subscribes to it does the work.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  type Host,
  type Issue,
  type JsonObject,
  type Ref,
  ref,
} from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import {
  cronField,
  missedField,
  overlapField,
  SCHEDULES_MAX,
  timeZoneField,
} from "@engine/schedule/fields.ts";
import { scheduleIssues } from "@engine/schedule/schedule_issues.ts";
import { Broker } from "@engine/services/broker.ts";
import { Workers } from "./_workers.ts";

const job = z.strictObject({
  name: z.string().regex(
    /^[\w-]{1,100}$/,
    "Expected letters, digits, dashes and underscores, 100 at most",
  ).describe("What the job is called; its topic is job. and the name"),
  schedule: cronField,
  enabled: z.boolean().default(true).describe("Whether it runs at all"),
  command: z.string().min(1).optional().describe(
    "What is to be done, for whoever takes the event; the engine runs no " +
      "command of the system",
  ).meta({ examples: ["cleanup"] }),
  params: z.record(z.string(), z.unknown()).default({}).describe(
    "Fields that are added to the event and take precedence",
  ),
  timeZone: timeZoneField,
  missed: missedField,
  overlap: overlapField,
});

type Job = z.output<typeof job>;

export default defineModule({
  type: "scheduler.modular",
  summary: "Emits an event on the broker at the time of each of its jobs",
  stability: "stable",
  section: "scheduler",
  config: z.strictObject({
    jobs: z.array(job).max(SCHEDULES_MAX).default([]).describe(
      "Which event is emitted when",
    ),
    broker: ref(Broker, { conventional: ["messaging.broker.memory"] })
      .optional().describe("The broker on which the events are published"),
    workerCount: z.int().min(1).max(1_000).default(5).describe(
      "How many jobs run at a time; one runs until the broker has its event",
    ).meta({ unit: "count" }),
    queueSize: z.int().min(0).max(SCHEDULES_MAX).default(100).describe(
      "How many jobs that are due wait for a place; one that finds the queue " +
        "full fails",
    ).meta({ unit: "count" }),
  }),
  inert: {
    checkInterval: "Jobs run when they are due: nothing looks at intervals",
    storage: "Schedules stand in the engine's own store",
    retentionDays: "The last 20 firings of each schedule are kept, however old",
  },
  check: ({ jobs }) => jobs.flatMap(issuesOf),
  provides: [],
  examples: [{
    title: "Clean up at midnight",
    modules: [
      { name: "events", type: "messaging.broker" },
      {
        name: "clock",
        type: "scheduler.modular",
        config: {
          jobs: [{
            name: "data-cleanup",
            schedule: "0 0 * * *",
            command: "cleanup",
          }],
        },
      },
      {
        name: "cleaner",
        type: "messaging.handler",
        config: { topic: "job.data-cleanup" },
      },
    ],
  }],
  create({ jobs, broker, workerCount, queueSize }, host) {
    const workers = new Workers(workerCount, queueSize);
    return {
      wire() {
        if (broker === undefined && jobs.length > 0) {
          host.log.warn("Jobs cannot run: the document has no broker");
        }
        const undo = jobs.map((entry) =>
          declare(
            entry,
            host,
            (data) => workers.run(() => emit(entry, data, { broker, host })),
          )
        );
        return () => undo.toReversed().forEach((undoOne) => undoOne());
      },
    };
  },
});

function declare(
  { name, schedule, params, enabled, timeZone, missed, overlap }: Job,
  host: Host,
  run: (data: JsonObject) => Promise<void>,
): () => void {
  return host.schedules.declare({
    id: `module:${host.name}.${name}`,
    cron: schedule,
    timeZone,
    enabled,
    missed,
    overlap,
    workflow: `module:${host.name}`,
    action: name,
    params: params as JsonObject,
    run,
  });
}

async function emit(
  { name, command }: Job,
  data: JsonObject,
  { broker, host }: {
    readonly broker: Ref<Broker> | undefined;
    readonly host: Host;
  },
): Promise<void> {
  if (broker === undefined) {
    throw new TerminalError(
      `Cannot run job "${name}": the document has no broker`,
    );
  }
  const what = command === undefined ? {} : { command };
  await host.use(broker).publish(`job.${name}`, {
    job: name,
    ...what,
    ...data,
  });
}

function issuesOf(
  { name, schedule, timeZone, params }: Job,
  index: number,
  jobs: readonly Job[],
): readonly Issue[] {
  const faults = scheduleIssues({ cron: schedule, timeZone, params }, [
    "jobs",
    index,
  ]).map((issue) =>
    issue.path.at(-1) === "cron"
      ? { ...issue, path: ["jobs", index, "schedule"] }
      : issue
  );
  const isTwin = jobs.findIndex((other) => other.name === name) < index;
  return isTwin
    ? [...faults, {
      code: "duplicate-name",
      path: ["jobs", index, "name"],
      message: `Two jobs are called "${name}"`,
    }]
    : faults;
}
