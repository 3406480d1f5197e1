/**
 * The steps of simulated pipelines: one that only computes, and one of which the
 * world decides what becomes of it.
 *
 * @module
 */
import { z } from "zod";
import { defineStep, type StepContext } from "../define.ts";
import type { JsonValue } from "../store/store.ts";

/** Does an attempt at a step. */
export type Work = (context: StepContext) => JsonValue | Promise<JsonValue>;

/** The definitions of the steps; `work` does what `sim.work` does. */
export function workSteps(work: Work) {
  return [
    defineStep({
      type: "sim.work",
      summary: "Does what the simulated world decides",
      stability: "experimental",
      config: z.strictObject({}),
      output: z.unknown(),
      examples: [],
      run: (_, context) => work(context),
    }),
    defineStep({
      type: "sim.set",
      summary: "Yields what it is given",
      stability: "experimental",
      config: z.strictObject({
        value: z.unknown().describe("What it yields"),
      }),
      output: z.unknown(),
      pure: true,
      examples: [],
      run: ({ value }) => value,
    }),
  ];
}
