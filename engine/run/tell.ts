/**
 * Tells those who watch, those who count, and those who keep traces, how a run goes.
 *
 * @module
 */
import type { EventHub } from "../events.ts";
import type { Meter } from "../observe.ts";
import { type Entry, isEnd } from "./journal.ts";
import type { Tracing } from "../tracing.ts";
import type { Run } from "./run.ts";
import { tellTrace } from "./tell_trace.ts";

/** Whom to tell. */
export interface Audience {
  readonly meter: Meter;
  readonly events: EventHub;
  readonly tracing: Tracing;
  /** The application. */
  readonly id: string;
}

/** Tells of an entry. What nobody listens to costs nothing. */
export function tellRun(
  run: Run,
  entry: Entry,
  { meter, events, tracing, id }: Audience,
): void {
  const { pipeline, at } = run.accepted;
  if (isEnd(entry) && meter.active) {
    const labels = { workflow_type: pipeline, action: "run" };
    const status = entry.kind === "completed" ? "success" : "error";
    meter.record("workflow_executions_total", { ...labels, status });
    meter.record("workflow_duration_seconds", labels, (entry.at - at) / 1_000);
  }
  if (entry.kind === "step.failed" && meter.active) {
    meter.record("step_failures_total", { workflow_type: pipeline });
  }
  if (tracing.active) tellTrace(run, entry, tracing);
  if (!events.isWatched) return;
  events.emit("run", {
    application: id,
    message: `${pipeline} ${entry.kind}`,
    run: run.id,
    pipeline,
    entry: entry.kind,
    ..."step" in entry ? { step: entry.step } : {},
    ...entry.kind === "failed" ? { severity: "error" as const } : {},
  });
}
