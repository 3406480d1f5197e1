/**
 * Moves an instance of a state machine.
 *
 * @module
 */
import { z } from "zod";
import { defineStep, type JsonObject } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import { chainOf } from "@engine/services/broker.ts";
import {
  type MachineInstance,
  StateMachines,
} from "@engine/services/state_machines.ts";

export default defineStep({
  type: "statemachine.transition",
  summary: "Commits a transition of a state machine instance",
  stability: "stable",
  config: z.strictObject({
    definition: z.string().min(1).describe("The state machine's definition"),
    id: z.string().min(1).describe("The instance"),
    transition: z.string().min(1).describe("What it is to do"),
    data: z.record(z.string(), z.unknown()).default({}).describe(
      "Fields that are merged into the data of the instance",
    ),
    create: z.boolean().default(true).describe(
      "Make the instance first, if there is none and the transition leads from the beginning",
    ),
  }),
  output: z.strictObject({
    id: z.string().describe("The instance"),
    state: z.string().describe("The state that it is in now"),
    data: z.record(z.string(), z.unknown()).describe(
      "The data of the instance",
    ),
  }),
  examples: [{
    title: "Mark an order as paid",
    modules: [{ name: "orders", type: "statemachine.engine" }],
    workflows: {
      statemachine: {
        engine: "orders",
        definitions: [{
          name: "order",
          initialState: "new",
          states: { new: {}, paid: { isFinal: true } },
          transitions: { pay: { fromState: "new", toState: "paid" } },
        }],
      },
    },
    pipelines: {
      pay: {
        input: { id: "string" },
        steps: [{
          id: "mark",
          use: "statemachine.transition",
          with: {
            definition: "order",
            id: "${{ input.id }}",
            transition: "pay",
            data: { method: "card" },
          },
        }],
      },
    },
    runs: [{
      pipeline: "pay",
      input: { id: "o1" },
      output: { id: "o1", state: "paid", data: { method: "card" } },
    }, {
      pipeline: "pay",
      input: { id: "o1" },
      status: "failed",
      error: "paid",
    }],
  }],
  async run({ definition, id, transition, data, create }, context, host) {
    const machines = host.all(StateMachines)
      .find(({ service }) => service.definition(definition) !== undefined)
      ?.service;
    const machine = machines?.definition(definition);
    if (machines === undefined || machine === undefined) {
      throw new RefusedError(
        "unknown-definition",
        `No state machine is called "${definition}"`,
      );
    }
    const begins = machine.transitions[transition]?.fromState ===
      machine.initialState;
    const mark = { lastStep: context.idempotencyKey };
    const before = await machines.get(id);
    // The step has run before, and the process died before it was told.
    if (before?.data.lastStep === mark.lastStep) return resultOf(before);
    const merged = { ...data as JsonObject, ...mark };
    return resultOf(
      await machines.fire(id, transition, {
        data: merged,
        definition,
        source: `run ${context.runId}`,
        ...chainOf(context.via),
        ...create && begins ? { create: { definition, data: merged } } : {},
      }),
    );
  },
});

function resultOf({ id, state, data }: MachineInstance) {
  const { lastStep: _, ...rest } = data;
  return { id, state, data: rest };
}
