/**
 * Instances of state machines as the API shows them. Times are milliseconds since
 * 1970.
 *
 * @module
 */
import {
  type HookWork,
  type MachineDefinition,
  type MachineInstance,
  possibleTransitions,
} from "../engine/mod.ts";
import type { FoundInstance, MachineEngine } from "./instance_query.ts";

/** How many of the latest pieces of work are looked up for the runs they began. */
const RUNS_MAX = 100;

/** What a hook calls a pipeline. */
const PIPELINE = "pipeline:";

/** An instance in a list. */
export function summaryOf(engine: MachineEngine, instance: MachineInstance) {
  const { data: _, ...summary } = shownInstance(engine, instance);
  return summary;
}

/** An instance, and who keeps it. */
export function shownInstance(
  { application, machine, machines }: MachineEngine,
  instance: MachineInstance,
) {
  const { definition, state } = instance;
  return {
    application: application.id,
    machine,
    ...instance,
    stateKind: kindOf(machines.definition(definition), state),
  };
}

/** A state machine: its name, where it is kept, and what it is. */
export function machineOf(
  { application, machine }: Pick<MachineEngine, "application" | "machine">,
  { name, description, initialState, states, transitions }: MachineDefinition,
) {
  return {
    ...{ application: application.id, machine, definition: name, description },
    ...{ initialState, states, transitions },
  };
}

/** An instance with its history, what it can do next, and the machine itself. */
export async function detailOf({ engine, instance }: FoundInstance) {
  const { application, machines } = engine;
  const { id } = instance;
  const history = await machines.history(id);
  const work = await withRuns(engine, await machines.work(id, history));
  const definition = machines.definition(instance.definition);
  const works = Map.groupBy(work, ({ sequence }) => sequence);
  return {
    ...shownInstance(engine, instance),
    // The document may have the machine no more; then nothing can happen.
    definedAs: definition === undefined
      ? null
      : machineOf({ application, machine: engine.machine }, definition),
    transitions: definition === undefined
      ? []
      : possibleTransitions(instance, definition),
    history: history.map(({ handlers, ...entry }) => ({
      ...entry,
      ...handlers === undefined
        ? {}
        : { work: (works.get(entry.sequence) ?? []).map(shownWork) },
    })),
  };
}

/** The work, and the runs that the latest of it has begun. */
async function withRuns(
  { application: { runs } }: MachineEngine,
  work: readonly HookWork[],
): Promise<readonly (HookWork & { readonly run?: string })[]> {
  return await Promise.all(work.map(async (each, index) => {
    const { handler, idempotencyKey } = each;
    const isOld = index < work.length - RUNS_MAX;
    if (isOld || !handler.startsWith(PIPELINE)) return each;
    const pipeline = handler.slice(PIPELINE.length);
    const view = await runs.started(pipeline, idempotencyKey);
    return view === undefined ? each : { ...each, run: view.summary.id };
  }));
}

function shownWork(
  { sequence: _, ...work }: HookWork & { readonly run?: string },
) {
  return work;
}

/** What a state is in its machine; `undefined` if it is none of it any more. */
function kindOf(
  definition: MachineDefinition | undefined,
  name: string,
): "initial" | "plain" | "final" | "error" | undefined {
  const state = definition?.states[name];
  if (definition === undefined || state === undefined) return undefined;
  if (state.isFinal) return state.isError ? "error" : "final";
  return name === definition.initialState ? "initial" : "plain";
}
