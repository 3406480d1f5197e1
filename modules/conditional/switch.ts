/**
 * One way for each of several values of an expression, and one for all others.
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
    `The value that decides, ${SPOKEN_OF}`,
  ).meta({ examples: ["data.priority"] }),
  cases: z.array(z.union([z.string(), z.number(), z.boolean()])).default([])
    .describe("The values that have a way of their own, compared as texts"),
  branches: z.record(z.string(), end()).default({}).describe(
    "The modules to which the ways lead: case-0 for the first of the cases, or " +
      "the case itself, and default; it may stand beside config, too",
  ),
});

type Config = z.output<typeof config>;

export default defineModule({
  type: "conditional.switch",
  summary: "Hands what comes to the module that stands for a value",
  stability: "beta",
  config,
  provides: PROVIDES,
  check: (config: Config) =>
    issuesOf(config, ["default", ...config.cases.flatMap(labels)]),
  examples: [{
    title: "Express orders have a way of their own",
    modules: [
      { name: "events", type: "messaging.broker" },
      {
        name: "by-priority",
        type: "conditional.switch",
        config: {
          expression: "data.priority",
          cases: ["express", "bulk"],
          branches: { express: "courier", bulk: "freight", default: "post" },
        },
      },
      { name: "courier", type: "messaging.handler" },
      { name: "freight", type: "messaging.handler" },
      { name: "post", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        subscriptions: [{ topic: "order.packed", handler: "by-priority" }],
      },
    },
  }],
  create: ({ expression, cases, branches }, host) =>
    new Branching({
      expression,
      branches,
      labelsOf(value) {
        const index = cases.findIndex((one) => String(one) === String(value));
        const own = cases[index];
        return own === undefined
          ? ["default"]
          : [...labels(own, index), "default"];
      },
    }, host),
});

/** What the way of a case is called. */
function labels(one: Config["cases"][number], index: number): string[] {
  return [`case-${index}`, String(one)];
}
