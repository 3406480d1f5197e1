/**
 * A run as it is told to others.
 *
 * @module
 */
import type { ArchivedRun } from "./archive.ts";
import { type End, endOf, type Entry } from "./journal.ts";
import { type Run, type RunSummary, summarize } from "./run.ts";

/** A run as it is when it is looked at: of one in memory that is always now. */
export interface RunView {
  readonly id: string;
  readonly summary: RunSummary;
  readonly entries: readonly Entry[];
  /** The last entry, if the run is over. */
  readonly end: End | undefined;
  /** Absent for a run that is over and kept. */
  readonly run?: Run;
}

/** The view of a run in memory. Costs nothing until it is looked at. */
export function viewOf(run: Run): RunView {
  return new LiveView(run);
}

/** The view of a run that is kept. */
export function keptView({ summary, entries }: ArchivedRun): RunView {
  return { id: summary.id, summary, entries, end: endOf(entries) };
}

class LiveView implements RunView {
  readonly run: Run;

  constructor(run: Run) {
    this.run = run;
  }

  get id(): string {
    return this.run.id;
  }

  get entries(): readonly Entry[] {
    const { entries, end } = this.run;
    const journal = entries.map((text) => JSON.parse(text) as Entry);
    // It is over once its end is durable.
    if (end === undefined && endOf(journal)) journal.pop();
    return journal;
  }

  get end(): End | undefined {
    return this.run.end;
  }

  get summary(): RunSummary {
    const { id, accepted, end, status } = this.run;
    return summarize(id, accepted, end ?? status);
  }
}
