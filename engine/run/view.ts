/**
 * A run as it is told to others.
 *
 * @module
 */
import { endOf, type Entry } from "./journal.ts";
import { type Run, type RunSummary, summarize } from "./run.ts";

/** A run as it is now. */
export interface RunView {
  readonly summary: RunSummary;
  readonly entries: readonly Entry[];
  /** Absent for a run that is over and kept. */
  readonly run?: Run;
}

/** The view of a run in memory. It is over once its end is durable. */
export function viewOf(run: Run): RunView {
  const entries = run.entries.map((text) => JSON.parse(text) as Entry);
  if (endOf(entries) && !run.machine?.isFinished) entries.pop();
  const end = endOf(entries);
  return {
    summary: summarize(run.id, run.accepted, end ?? run.status),
    entries,
    run,
  };
}
