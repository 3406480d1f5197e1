/**
 * Runs as the API shows them. Times are milliseconds since 1970.
 *
 * @module
 */
import {
  type AcceptedEntry,
  describeSteps,
  endOf,
  type Entry,
  replay,
  type RunSummary,
  timeSplit,
} from "../engine/mod.ts";
import type { FoundRun } from "./run_query.ts";

/** A run in a list. */
export function summaryOf(application: string, summary: RunSummary) {
  const { acceptedAt, finishedAt } = summary;
  return {
    application,
    ...summary,
    ...finishedAt === undefined ? {} : { durationMs: finishedAt - acceptedAt },
  };
}

/** Everything about a run, as it was at an entry of its journal. */
export async function detailOf({ application, view }: FoundRun, at: number) {
  const { summary, entries, run } = view;
  const { runs } = application;
  const isNow = at >= entries.length - 1;
  const [first] = entries;
  const underWay = isNow ? run?.since : undefined;
  const end = endOf(entries.slice(0, at + 1));
  const supersededBy = await runs.supersededBy(summary.id);
  return {
    ...summaryOf(application.id, summary),
    ...run?.stuck === undefined ? {} : { stuck: run.stuck },
    input: first?.kind === "accepted" ? first.input : null,
    ...end?.kind === "completed" ? { output: end.output } : {},
    ...end !== undefined && "error" in end ? { error: end.error } : {},
    steps: describeSteps(entries, {
      ...{ at, underWay },
      progress: await progressOf({ application, view }, at),
    }),
    lineage: {
      ...summary.parent === undefined ? {} : { parent: summary.parent },
      ...summary.fork === undefined ? {} : { forkOf: summary.fork },
      ...supersededBy === undefined ? {} : { supersededBy },
      children: entries.flatMap((entry) =>
        entry.kind === "step.child" ? [entry.run] : []
      ),
    },
    timeSplit: timeSplit(entries, {
      nowMs: runs.now(),
      underWay: run?.since.values() ?? [],
    }),
    ...{ entries: entries.length, at },
  };
}

/** An entry with its place; the secret of links is nobody's to read here. */
export function shownEntry(entry: Entry, index: number) {
  if (entry.kind !== "accepted") return { index, ...entry };
  const { token: _, ...shown } = entry;
  return { index, ...shown };
}

/** What the program adds; nothing where it cannot be had any more. */
async function progressOf({ application, view }: FoundRun, at: number) {
  const { summary: { id, pipeline, version }, entries, run } = view;
  const program = run?.machine?.program ??
    await application.runs.programs.version(pipeline, version);
  const [first, ...rest] = entries;
  if (typeof program === "string" || first?.kind !== "accepted") {
    return undefined;
  }
  const journal: [AcceptedEntry, ...Entry[]] = [first, ...rest];
  return replay(program, { id, entries: journal, at });
}
