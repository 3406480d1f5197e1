/**
 * Two ways: one if an expression holds, another if it does not.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, expression, type Issue } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import {
  Branching,
  end,
  issuesOf,
  PROVIDES,
  SPOKEN_OF,
  VARIABLES,
} from "./_branching.ts";

const way = (what: string) => end().optional().describe(what);

const config = z.strictObject({
  expression: expression(VARIABLES).describe(
    `What decides, true or false, ${SPOKEN_OF}`,
  ).meta({ examples: ["data.total > 100"] }),
  branches: z.strictObject({
    true: way("Where it goes if the expression holds"),
    false: way("Where it goes if it does not"),
  }).default({}).describe(
    "The modules to which the ways lead; it may stand beside config, too",
  ),
  true_target: way("An older name of branches.true"),
  false_target: way("An older name of branches.false"),
});

export default defineModule({
  type: "conditional.ifelse",
  summary: "Hands what comes to one of two modules, as an expression says",
  stability: "beta",
  config,
  provides: PROVIDES,
  check: (config) => [
    ...issuesOf(config, ["true", "false"]),
    ...twice(config),
  ],
  examples: [{
    title: "Large orders are looked at by somebody",
    modules: [
      { name: "events", type: "messaging.broker" },
      {
        name: "is-large",
        type: "conditional.ifelse",
        config: {
          expression: "data.total > 100",
          branches: { true: "review", false: "ship" },
        },
      },
      { name: "review", type: "messaging.handler" },
      { name: "ship", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        subscriptions: [{ topic: "order.placed", handler: "is-large" }],
      },
    },
  }],
  create: ({ expression, branches, true_target, false_target }, host) =>
    new Branching({
      expression,
      branches: {
        true: branches.true ?? true_target,
        false: branches.false ?? false_target,
      },
      labelsOf(value) {
        if (typeof value === "boolean") return [String(value)];
        throw new TerminalError(
          `Cannot tell which way it goes: "${expression}" is ${
            JSON.stringify(value)
          }, expected true or false`,
        );
      },
    }, host),
});

/** What would be said by two keys. */
function twice(
  { branches, true_target, false_target }: z.output<typeof config>,
): readonly Issue[] {
  const targets = { true: true_target, false: false_target } as const;
  return (["true", "false"] as const).flatMap((label): Issue[] =>
    branches[label] === undefined || targets[label] === undefined ? [] : [{
      code: "invalid-value",
      path: [`${label}_target`],
      message: `The way of ${label} is named twice`,
      help: `Keep branches.${label}`,
    }]
  );
}
