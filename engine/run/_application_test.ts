/**
 * An application of pipelines whose steps do what a test says.
 */
import type { StepContext } from "../define.ts";
import {
  type SimulatedEffects,
  simulatedEffects,
} from "../simulation/effects.ts";
import { workSteps } from "../simulation/work_steps.ts";
import { memoryStore } from "../store/memory.ts";
import { scopedStore } from "../store/scoped.ts";
import type { JsonValue, Store } from "../store/store.ts";
import { startApplication } from "../testing.ts";
import { endOf } from "./journal.ts";

/** What a step does; the path of the step and the attempt are in the context. */
export type Doing = (
  context: StepContext,
) => JsonValue | Promise<JsonValue>;

/** How an application is started. */
export interface PipelineOptions {
  readonly does?: Doing;
  readonly effects?: SimulatedEffects;
  readonly store?: Store;
  /** Whether several applications live over the store at once. */
  readonly isShared?: boolean;
}

/** Starts one; two over one store are a restart, or one that takes over. */
export async function startPipelines(
  pipelines: Record<string, unknown>,
  options: PipelineOptions = {},
) {
  const effects = options.effects ?? simulatedEffects();
  const store = options.store ?? memoryStore({ now: effects.clock.now });
  const done: string[] = [];
  const application = await startApplication({
    document: { pipelines },
    definitions: workSteps((context) => {
      done.push(`${context.step} #${context.attempt}`);
      return options.does?.(context) ?? null;
    }),
    effects,
    store,
    isShared: options.isShared ?? false,
  });
  const { runs } = application.application;
  return {
    ...{ application, runs, effects, store },
    /** What was done so far: paths and attempts. */
    done,
    scoped: scopedStore(store, ["app", "test"]),
    /** Lets time pass. */
    pass: (ms: number) => effects.advance(ms),
    /** How a run is, and what it yields or why it failed. */
    async end(id: string) {
      const view = await runs.get(id);
      const end = view && endOf(view.entries);
      if (end === undefined) return view?.summary.status;
      return "error" in end ? `${end.kind}: ${end.error.message}` : end.output;
    },
    stop: () => application.stop(),
    [Symbol.asyncDispose]: () => application.stop(),
  };
}

/** Ends when it is told to, and never by itself. */
export const untilAborted: Doing = ({ signal }) =>
  new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason))
  );

/** Never ends, whatever it is told. */
export const never: Doing = () => new Promise<never>(() => {});
