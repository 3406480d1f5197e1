/**
 * Waits for a time. The engine reads it as a wait, which survives a restart and
 * holds nothing meanwhile, however long it is.
 *
 * @module
 */
import { z } from "zod";
import { defineStep, type Issue } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";

export default defineStep({
  type: "sleep",
  summary: "Waits for a duration, or until a time",
  stability: "stable",
  config: z.strictObject({
    for: z.string().min(1).optional().describe(
      "So long, such as 300ms, 5m or 36h; may be an ${{ expression }}",
    ).meta({ examples: ["5m"] }),
    until: z.string().min(1).optional().describe(
      "Until this time, as RFC 3339; may be an ${{ expression }}",
    ).meta({ examples: ["2030-01-31T12:00:00Z"] }),
  }),
  output: z.null(),
  check: ({ for: time, until }): readonly Issue[] =>
    (time === undefined) === (until === undefined)
      ? [{
        code: "invalid-pipeline",
        path: [],
        message: 'sleep needs either "for" or "until"',
      }]
      : [],
  examples: [{
    title: "Remind a day later",
    modules: [],
    pipelines: {
      remind: {
        steps: [
          { id: "pause", use: "sleep", with: { for: "24h" } },
          { id: "remind", use: "log", with: { message: "Time is up" } },
        ],
      },
    },
    runs: [{ pipeline: "remind", status: "waiting" }],
  }],
  run() {
    throw new TerminalError("Cannot do sleep as a piece of work: it is a wait");
  },
});
