/**
 * The expression itself names the way.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, expression } from "@engine/define.ts";
import {
  Branching,
  end,
  issuesOf,
  PROVIDES,
  SPOKEN_OF,
  VARIABLES,
} from "./_branching.ts";

const config = z.strictObject({
  expression: expression(VARIABLES).describe(
    `The name of the way, ${SPOKEN_OF}`,
  ).meta({ examples: ["data.total > 100 ? 'review' : 'ship'"] }),
  outputs: z.array(z.string().min(1)).default([]).describe(
    "The names that the expression may yield",
  ),
  branches: z.record(z.string(), end()).default({}).describe(
    "The modules to which the ways lead: the name of one of the outputs, or " +
      "out-0 for the first, and result for any other; it may stand beside " +
      "config, too",
  ),
});

type Config = z.output<typeof config>;

export default defineModule({
  type: "conditional.expression",
  summary: "Hands what comes to the module that an expression names",
  stability: "beta",
  config,
  provides: PROVIDES,
  check: (config: Config) =>
    issuesOf(config, ["result", ...config.outputs.flatMap(labels)]),
  examples: [{
    title: "Three ways in one expression",
    modules: [
      { name: "events", type: "messaging.broker" },
      {
        name: "by-amount",
        type: "conditional.expression",
        config: {
          expression:
            "data.total > 1000 ? 'refuse' : data.total > 100 ? 'review' : 'ship'",
          outputs: ["review", "ship"],
          branches: { review: "review", ship: "ship", result: "refusal" },
        },
      },
      { name: "review", type: "messaging.handler" },
      { name: "ship", type: "messaging.handler" },
      { name: "refusal", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        subscriptions: [{ topic: "order.placed", handler: "by-amount" }],
      },
    },
  }],
  create: ({ expression, outputs, branches }, host) =>
    new Branching({
      expression,
      branches,
      labelsOf(value) {
        const index = outputs.indexOf(String(value));
        const own = outputs[index];
        return own === undefined
          ? ["result"]
          : [...labels(own, index), "result"];
      },
    }, host),
});

/** What the way of an output is called. */
function labels(output: string, index: number): string[] {
  return [output, `out-${index}`];
}
