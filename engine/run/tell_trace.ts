/**
 * Runs and their steps as parts of a trace. The span of a run is in its journal,
 * so that a run which survives its process stays one trace: each attempt at a
 * step is told by the process that makes it, the run by the one that ends it.
 *
 * @module
 */
import type { Target } from "../pipeline/program.ts";
import type { Tracing } from "../tracing.ts";
import { type Entry, isEnd } from "./journal.ts";
import type { Attempt, Performed } from "./perform.ts";
import type { Run } from "./run.ts";

/** Tells of a run that is over. */
export function tellTrace(
  { id, accepted }: Run,
  entry: Entry,
  tracing: Tracing,
): void {
  if (!isEnd(entry) || accepted.trace === undefined) return;
  tracing.finish(accepted.trace, {
    name: "workflow.execute",
    startMs: accepted.at,
    endMs: entry.at,
    attributes: {
      "workflow.type": accepted.pipeline,
      "workflow.action": "run",
      "workflow.run": id,
      "workflow.source": accepted.source,
    },
    error: "error" in entry ? entry.error.message : undefined,
  });
}

/** Makes an attempt at a step as a part of the trace of its run. */
export function stepSpan<T extends Performed | Promise<Performed>>(
  tracing: Tracing,
  { id, accepted }: Run,
  { step, attempt, task: { target } }: Attempt,
  work: () => T,
): T {
  const name = step.slice(step.lastIndexOf("/") + 1);
  const start = {
    name: `workflow.step.${name}`,
    // Whatever led to this moment may belong to another run.
    parent: accepted.trace?.traceparent ?? null,
    attributes: {
      "workflow.type": accepted.pipeline,
      "workflow.run": id,
      "workflow.step.name": step,
      "workflow.step.type": doerOf(target),
      "workflow.step.attempt": attempt,
    },
  };
  return tracing.span(start, (span) => {
    const tell = (performed: Performed): Performed => {
      if (performed.kind === "failed") span.fail(performed.error.message);
      return performed;
    };
    const performed = work();
    return (performed instanceof Promise
      ? performed.then(tell)
      : tell(performed)) as T;
  });
}

function doerOf(target: Target): string {
  switch (target.kind) {
    case "action":
      return `module:${target.module}.${target.action}`;
    case "component":
      return `component:${target.module}`;
    case "pipeline":
      return `pipeline:${target.id}`;
    case "step":
      return target.type;
  }
}
