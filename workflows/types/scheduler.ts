/**
 * The part of a document that says which jobs a scheduler runs: all of them, side
 * by side, at each of its times. One that fails keeps none of the others.
 *
 * @module
 */
import { z } from "zod";
import { defineWorkflowType, type Host, ref, refAny } from "@engine/define.ts";
import { Executor } from "@engine/services/executor.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { Scheduler } from "@engine/services/scheduler.ts";
import { type Job, Jobs } from "./_jobs.ts";

const job = z.strictObject({
  scheduler: ref(Scheduler).describe("The module that says when"),
  job: refAny([Executor, MessageHandler], {
    edge: { kind: "job", source: "scheduler" },
  }).describe(
    "The module that does the work: code is called with config, anything " +
      "else is handed an empty message",
  ),
  config: z.record(z.string(), z.unknown()).optional().describe(
    "What code is called with, beside trigger_time; a message stays empty",
  ),
});

export default defineWorkflowType({
  type: "scheduler",
  summary: "Runs jobs at the times of their schedulers",
  config: z.strictObject({
    jobs: z.array(job).describe("Which scheduler runs which job"),
  }),
  wire({ jobs }, host) {
    const usable = jobs.filter((entry) => isUsable(entry, host));
    const runner = new Jobs(usable, host);
    const names = [...new Set(usable.map(({ scheduler }) => scheduler))];
    const undo = names.map((name) =>
      host.schedules.declare({
        ...host.use<Scheduler>(name).when,
        id: `scheduler:${name}`,
        workflow: "scheduler",
        action: name,
        params: {},
        enabled: true,
      })
    );
    return {
      unwire() {
        for (const undoOne of undo.toReversed()) undoOne();
      },
      execute: (action, data, _workflow, options) =>
        runner.execute(action, data, options),
    };
  },
});

/** Says what is left out of a document that may have gaps. */
function isUsable({ scheduler, job, config }: Job, host: Host): boolean {
  if (!host.provides(scheduler, Scheduler)) {
    return skip(
      host,
      `Job "${job}" never runs: no scheduler is "${scheduler}"`,
    );
  }
  if (host.provides(job, Executor)) return true;
  if (!host.provides(job, MessageHandler)) {
    return skip(host, `Nothing runs as job "${job}": no module of it can`);
  }
  if (config !== undefined) {
    host.log.warn(
      `"config" of job "${job}" has no effect: a module that takes messages ` +
        "is handed an empty one",
    );
  }
  return true;
}

function skip(host: Host, message: string): false {
  host.log.warn(message);
  host.notify("notice", { message, severity: "warning" });
  return false;
}
