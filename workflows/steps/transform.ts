/**
 * Reshapes data with a transformer of the document.
 *
 * @module
 */
import { z } from "zod";
import { defineStep, type JsonValue, ref } from "@engine/define.ts";
import { Transformer } from "@engine/services/transformer.ts";

export default defineStep({
  type: "transform",
  summary: "Reshapes data with a pipeline of a data.transformer",
  stability: "stable",
  config: z.strictObject({
    transformer: ref(Transformer, { implied: "never" }).describe(
      "The module that reshapes it",
    ),
    pipeline: z.string().min(1).describe(
      "Which of the transformer's pipelines",
    ),
    data: z.unknown().describe("What is reshaped"),
  }),
  output: z.unknown(),
  examples: [{
    title: "Keep what matters",
    modules: [{
      name: "shape",
      type: "data.transformer",
      config: {
        pipelines: {
          contact: [{ type: "extract", config: { path: "customer" } }],
        },
      },
    }],
    pipelines: {
      contact: {
        steps: [{
          id: "pick",
          use: "transform",
          with: {
            transformer: "shape",
            pipeline: "contact",
            data: "${{ input }}",
          },
        }],
      },
    },
    runs: [{
      pipeline: "contact",
      input: { customer: { name: "Ada" }, total: 3 },
      output: { name: "Ada" },
    }],
  }],
  run: ({ transformer, pipeline, data }, _, host) =>
    host.use(transformer).transform(pipeline, (data ?? null) as JsonValue),
});
