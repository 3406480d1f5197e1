/**
 * The name by which older documents call `scheduler.cron`.
 *
 * @module
 */
import { defineModule } from "@engine/define.ts";
import { cronScheduler } from "./_cron_scheduler.ts";

export default defineModule({
  ...cronScheduler,
  type: "scheduler",
  summary: "An older name of scheduler.cron",
  examples: [{
    title: "A job at midnight, in a document that has the older name",
    modules: [
      {
        name: "midnight",
        type: "scheduler",
        config: { cronExpression: "0 0 * * *" },
      },
      { name: "clean-up", type: "messaging.handler" },
    ],
    workflows: {
      scheduler: { jobs: [{ scheduler: "midnight", job: "clean-up" }] },
    },
  }],
});
