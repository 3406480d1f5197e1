/**
 * Compiles pipelines for tests of what runs them.
 */
import assert from "node:assert/strict";
import { createCatalog } from "../catalog.ts";
import { load } from "../load.ts";
import type { Program } from "../pipeline/program.ts";
import { workSteps } from "../simulation/work_steps.ts";
import type { AcceptedEntry, Entry } from "./journal.ts";
import { Machine } from "./machine.ts";

const catalog = createCatalog(workSteps(() => null));

/** Loads a document of pipelines. */
export function loadPipelines(pipelines: Record<string, unknown>) {
  return load(JSON.stringify({ pipelines }, null, 2), {
    ...{ catalog, file: "test.json", strict: true, mustBeSet: true },
    sources: { env: () => undefined, secrets: new Map() },
  });
}

/** Compiles one pipeline. `p1` to `p3` are there to be done as steps. */
export function programOf(pipeline: Record<string, unknown>): Program {
  const inner = { steps: [{ id: "inner", use: "sim.work" }] };
  const { plan, problems } = loadPipelines({
    ...{ p1: inner, p2: inner, p3: inner },
    p0: pipeline,
  });
  const found = plan?.pipelines.find(({ id }) => id === "p0")?.program;
  assert.ok(found, JSON.stringify(problems));
  return found;
}

/** The first entry of a run. */
export function acceptedOf(
  program: Program,
  input: AcceptedEntry["input"] = {},
): AcceptedEntry {
  const { id: pipeline, version } = program;
  return { kind: "accepted", at: 0, pipeline, version, input, priority: 5 };
}

/** A run at its beginning, and what tests do to it. */
export function driven(pipeline: Record<string, unknown>, input = {}) {
  const program = programOf(pipeline);
  const machine = new Machine(program, acceptedOf(program, input), "run");
  const at = 1;
  const place = (step: string) => ({ at, step, attempt: 1, since: at });
  return {
    program,
    machine,
    outcome: () => machine.outcome,
    /** The paths of what is to happen, in order. */
    live: () => [...machine.live.keys()],
    /** The same with what kind of thing it is. */
    kinds: () => [...machine.live.values()].map((l) => `${l.kind} ${l.path}`),
    done: (step: string, output: AcceptedEntry["input"] = `${step} done`) =>
      machine.apply({ kind: "step.completed", ...place(step), output }),
    fail: (step: string, message = `${step} broke`) =>
      machine.apply({
        kind: "step.failed",
        ...place(step),
        error: { message, code: "error", step },
      }),
    retry: (step: string) =>
      machine.apply({
        ...{ kind: "step.failed", ...place(step), retryAt: 50 },
        error: { message: `${step} broke`, code: "error", step },
      }),
    apply: (entry: Entry) => machine.apply(entry),
    waits: (step: string, more: { signal?: string; until?: number } = {}) =>
      machine.apply({ kind: "step.waiting", at, step, ...more }),
    signal: (name: string, data: AcceptedEntry["input"] = null) =>
      machine.apply({ kind: "signal", at, name, data }),
    cancel: () => machine.apply({ kind: "cancel", at, reason: "enough" }),
    timeOut: () => machine.apply({ kind: "timeout", at }),
  };
}

/** A step that does something. */
export function work(id: string, more: Record<string, unknown> = {}) {
  return { id, use: "sim.work", ...more };
}

/** A step that can be undone. */
export function undoable(id: string, more: Record<string, unknown> = {}) {
  return work(id, { compensate: { use: "sim.work" }, ...more });
}
