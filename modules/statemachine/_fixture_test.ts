/**
 * What the tests of state machines share: a document with one engine, and a
 * module whose work each test decides.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import type { MachineInstance } from "@engine/services/state_machines.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import {
  type TransitionContext,
  type TransitionEvent,
  TransitionHandler,
  type TransitionOutcome,
} from "@engine/services/transition_handler.ts";
import type { MetricSink } from "@engine/observe.ts";
import { startApplication, type TestOptions } from "@engine/testing.ts";
import type { SimulatedEffects } from "@engine/simulation/effects.ts";
import statemachine from "../../workflows/types/statemachine.ts";
import engine from "./engine.ts";

/** What a test does on a transition. */
export type Work = (
  event: TransitionEvent,
  context: TransitionContext,
  name: string,
) => Promise<TransitionOutcome> | TransitionOutcome;

/** A type of module that hands its transitions to the test. */
export function worker(work: Work, measure: MetricSink = () => {}) {
  return defineModule({
    type: "test.worker",
    summary: "Do what the test says",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [TransitionHandler],
    examples: [],
    create: (_, { name, meter }) => ({
      start: () => void meter.attach(measure),
      onTransition: async (event, context) => await work(event, context, name),
    }),
  });
}

const STATE = {};

/** An order that is checked, paid and shipped. */
export const ORDER = {
  name: "order",
  initialState: "new",
  states: {
    new: STATE,
    checking: STATE,
    checked: STATE,
    paying: STATE,
    paid: STATE,
    shipped: { isFinal: true },
    failed: { isFinal: true, isError: true },
  },
  transitions: {
    check: { fromState: "new", toState: "checking" },
    check_passed: { fromState: "checking", toState: "checked" },
    check_failed: { fromState: "checking", toState: "failed" },
    pay: { fromState: "checked", toState: "paying", autoTransform: true },
    pay_passed: { fromState: "paying", toState: "paid" },
    pay_failed: { fromState: "paying", toState: "failed" },
    ship: { fromState: "paid", toState: "shipped", autoTransform: true },
  },
};

/** A document with one engine, one definition and workers. */
export function document(
  hooks: readonly Readonly<Record<string, unknown>>[] = [],
  definition: Readonly<Record<string, unknown>> = ORDER,
) {
  const workers = new Set(hooks.map(({ handler }) => handler));
  return {
    modules: [
      { name: "orders", type: "statemachine.engine" },
      ...[...workers].map((name) => ({ name, type: "test.worker" })),
    ],
    workflows: {
      statemachine: { engine: "orders", definitions: [definition], hooks },
    },
  };
}

/** Starts a document whose workers do `work`. */
export async function start(
  options: Partial<TestOptions<SimulatedEffects>> & {
    readonly work?: Work;
    readonly measure?: MetricSink;
    readonly hooks?: readonly Readonly<Record<string, unknown>>[];
    readonly definition?: Readonly<Record<string, unknown>>;
  } = {},
) {
  const {
    work = () => ({ kind: "done" }),
    measure,
    hooks,
    definition,
    ...rest
  } = options;
  const app = await startApplication<SimulatedEffects>({
    document: document(hooks, definition),
    definitions: [engine, statemachine, worker(work, measure)],
    ...rest,
  });
  return Object.assign(app, { machines: app.service(StateMachines) });
}

/** The history of an instance as `transition:state`, the creation first. */
export async function trail(
  machines: StateMachines,
  id: string,
): Promise<string[]> {
  const history = await machines.history(id);
  return history.map(({ transition, toState }) =>
    `${transition ?? ""}:${toState}`
  );
}

/** The state of an instance; fails where there is none. */
export async function stateOf(
  machines: StateMachines,
  id: string,
): Promise<string> {
  return ((await machines.get(id)) as MachineInstance).state;
}
