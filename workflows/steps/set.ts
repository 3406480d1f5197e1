/**
 * Works values out, so that later steps can refer to them.
 *
 * @module
 */
import { z } from "zod";
import { defineStep } from "@engine/define.ts";

export default defineStep({
  type: "set",
  summary: "Yields the values that it is given",
  stability: "stable",
  config: z.strictObject({
    values: z.record(z.string(), z.unknown()).describe(
      "The output, field by field; values may hold ${{ expressions }}",
    ),
  }),
  output: z.record(z.string(), z.unknown()),
  pure: true,
  examples: [{
    title: "Add up an order",
    modules: [],
    pipelines: {
      total: {
        input: { price: "number", count: "integer" },
        steps: [{
          id: "sum",
          use: "set",
          with: { values: { total: "${{ input.price * input.count }}" } },
        }],
      },
    },
    runs: [{
      pipeline: "total",
      input: { price: 2.5, count: 4 },
      output: { total: 10 },
    }, {
      pipeline: "total",
      input: { price: "a lot", count: 4 },
      status: "failed",
      error: '"price" is not a number',
    }],
  }],
  run: ({ values }) => values,
});
