/**
 * Says when the jobs of the scheduler section run.
 *
 * @module
 */
import { defineModule } from "@engine/define.ts";
import { cronScheduler } from "../_cron_scheduler.ts";

export default defineModule({
  ...cronScheduler,
  type: "scheduler.cron",
  summary: "Runs jobs by a cron expression on the wall clock of a time zone",
  examples: [{
    title: "Two jobs on the morning of each working day",
    modules: [
      {
        name: "mornings",
        type: "scheduler.cron",
        config: {
          cronExpression: "0 8 * * MON-FRI",
          timeZone: "Europe/Berlin",
        },
      },
      { name: "clean-up", type: "messaging.handler" },
      { name: "report", type: "messaging.handler" },
    ],
    workflows: {
      scheduler: {
        jobs: [
          { scheduler: "mornings", job: "clean-up" },
          { scheduler: "mornings", job: "report" },
        ],
      },
    },
  }],
});
