/**
 * Writes a line of the log.
 *
 * @module
 */
import { z } from "zod";
import { defineStep } from "@engine/define.ts";

export default defineStep({
  type: "log",
  summary: "Writes a line to the log of the engine",
  stability: "stable",
  config: z.strictObject({
    message: z.string().describe("What the line says"),
    level: z.enum(["debug", "info", "warn", "error"]).default("info")
      .describe("How much it matters"),
    fields: z.record(z.string(), z.unknown()).default({})
      .describe("Further facts, by name"),
  }),
  output: z.null(),
  examples: [{
    title: "Say hello",
    modules: [],
    pipelines: {
      greet: {
        input: { name: "string" },
        steps: [{
          id: "hello",
          use: "log",
          with: { message: "Hello ${{ input.name }}" },
        }],
      },
    },
    runs: [{ pipeline: "greet", input: { name: "Ada" }, output: null }],
  }],
  run({ message, level, fields }, { runId, pipeline, step }, { log }) {
    log[level](message, { ...fields, run: runId, pipeline, step });
    return null;
  },
});
