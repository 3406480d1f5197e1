/**
 * Ends a run with an error of the author's own.
 *
 * @module
 */
import { z } from "zod";
import { defineStep } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";

export default defineStep({
  type: "fail",
  summary: "Fails, for good, with a message",
  stability: "stable",
  config: z.strictObject({
    message: z.string().min(1).describe("What went wrong"),
    code: z.string().min(1).max(100).default("failed").describe(
      "A word by which handlers tell it apart, as error.code",
    ),
  }),
  output: z.null(),
  examples: [{
    title: "Refuse what is too large",
    modules: [],
    pipelines: {
      pay: {
        input: { amount: "number" },
        steps: [{
          id: "limit",
          when: "input.amount > 1000",
          use: "fail",
          with: { message: "${{ input.amount }} is too much", code: "limit" },
        }, { id: "done", use: "set", with: { values: { paid: true } } }],
      },
    },
    runs: [
      { pipeline: "pay", input: { amount: 10 }, output: { paid: true } },
      {
        pipeline: "pay",
        input: { amount: 5000 },
        status: "failed",
        error: "5000 is too much",
      },
    ],
  }],
  run({ message, code }) {
    throw Object.assign(new TerminalError(message), { code });
  },
});
