/**
 * An application of pipelines in which tests set breakpoints and look at runs
 * that stand there.
 */
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import { type PipelineOptions, startPipelines } from "./_application_test.ts";
import type { BreakpointRequest } from "./breakpoints.ts";
import { debugView } from "./debug.ts";
import { describeSteps } from "./describe.ts";
import type { AcceptedEntry, Entry } from "./journal.ts";
import { replay } from "./replay.ts";
import type { ResumeRequest } from "./runs.ts";

/** Starts one, with breakpoints of the pipeline `p`. */
export async function pausable(
  pipeline: Record<string, unknown>,
  stops: readonly (string | Omit<BreakpointRequest, "pipeline">)[] = [],
  options: PipelineOptions = {},
) {
  const effects = options.effects ?? simulatedEffects();
  const store = options.store ?? memoryStore({ now: effects.clock.now });
  const inner = { steps: [{ id: "inner", use: "sim.work" }] };
  const pipelines = { p: pipeline, child: inner };
  const application = await startPipelines(pipelines, {
    ...options,
    ...{ effects, store },
  });
  const { runs } = application;
  for (const stop of stops) {
    const request = typeof stop === "string" ? { step: stop } : stop;
    await runs.breakpoints.set({ pipeline: "p", ...request });
  }
  return Object.assign(application, {
    /** Begins a run and lets it come to where it stops. */
    async begin(input: AcceptedEntry["input"] = {}): Promise<string> {
      const { id } = await runs.start("p", input);
      await effects.advance(0);
      return id;
    },
    async go(
      id: string,
      how: "continue" | "step" = "continue",
      more: Partial<ResumeRequest> = {},
    ) {
      await runs.resume(id, { how, ...more });
      await effects.advance(0);
    },
    /** The step at which a run stands. */
    at: (id: string) => runs.find(id)?.machine?.pause?.step,
    status: async (id: string) => (await runs.get(id))?.summary.status,
    async debug(id: string) {
      const view = await runs.get(id);
      return view && await debugView(runs, view);
    },
    async rows(id: string) {
      const view = await runs.get(id);
      const [first, ...rest] = view?.entries ?? [];
      const program = runs.programs.current("p");
      if (program === undefined || first?.kind !== "accepted") return [];
      const entries: [AcceptedEntry, ...Entry[]] = [first, ...rest];
      const progress = replay(program, { id, entries });
      return describeSteps(entries, { progress });
    },
    async kinds(id: string) {
      return (await runs.get(id))?.entries.map(({ kind }) => kind);
    },
    /** Starts another process over the same store, as if this one had died. */
    again: () => pausable(pipeline, [], { ...options, effects, store }),
  });
}
