/**
 * What a new text of a document would mean for the runs that are under way. They
 * stay pinned to the version that they began with; this says which of them could
 * go on with the new one instead, as if it had always been theirs.
 *
 * @module
 */
import type { Document } from "../config/document.ts";
import { lineOfStep, stepIdOf } from "../pipeline/step_place.ts";
import type { Program } from "../pipeline/program.ts";
import { byNewest } from "./list.ts";
import { type AcceptedEntry, type Entry, isEnd } from "./journal.ts";
import { Machine } from "./machine.ts";
import type { Live } from "./machine_frames.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";

/** Runs that one report looks at; those that began last. */
export const IMPACT_RUNS_MAX = 10_000;

/** Runs that a report names for each outcome. */
export const IMPACT_NAMED_MAX = 500;

/** A run that would go on the same under the new version. */
export interface Moves {
  readonly run: string;
  readonly pipeline: string;
  /** The version that it is pinned to. */
  readonly version: string;
}

/** A run that the new version does not lead to where it is. */
export interface Breaks extends Moves {
  /** Where the two part; absent if the pipeline is gone. */
  readonly step?: string;
  readonly reason: string;
  /** Of the step in the new text, else of its pipeline; absent if both are gone. */
  readonly line?: number;
}

/** What a new text would mean. */
export interface Impact {
  readonly counts: {
    /** Runs of the same version. */
    readonly unaffected: number;
    readonly moves: number;
    readonly breaks: number;
  };
  /** The newest first, `IMPACT_NAMED_MAX` at most. */
  readonly moves: readonly Moves[];
  readonly breaks: readonly Breaks[];
  /** Unfinished runs that were not looked at, since there are too many. */
  readonly unseen: number;
}

/** How often a long report lets others have their turn, in runs. */
const TURN_RUNS = 100;

/** Compares every unfinished run with the pipelines of a new text. */
export async function impactOf(
  runs: Runs,
  programs: readonly Program[],
  document: Document,
): Promise<Impact> {
  const byId = new Map(programs.map((program) => [program.id, program]));
  const counts = { unaffected: 0, moves: 0, breaks: 0 };
  const moves: Moves[] = [];
  const breaks: Breaks[] = [];
  const all = [...runs.live()].sort(byNewest);
  const seen = all.slice(0, IMPACT_RUNS_MAX);
  for (const [index, run] of seen.entries()) {
    if (index % TURN_RUNS === TURN_RUNS - 1) await runs.turn();
    const { pipeline, version } = run.accepted;
    const program = byId.get(pipeline);
    if (program?.version === version) {
      counts.unaffected++;
      continue;
    }
    const place = { run: run.id, pipeline, version };
    const part = program === undefined
      ? { reason: "The new text does not have this pipeline" }
      : partingOf(run, program);
    const kind = part === undefined ? "moves" : "breaks";
    if (++counts[kind] > IMPACT_NAMED_MAX) continue;
    if (part === undefined) moves.push(place);
    else breaks.push({ ...place, ...part, ...lineOf(document, place, part) });
  }
  return { counts, moves, breaks, unseen: all.length - seen.length };
}

/** Where a run and a program part. */
export interface Parting {
  readonly step?: string;
  readonly reason: string;
}

/**
 * Where the journal of a run does not lead under another program as it did under
 * its own; `undefined` if it leads to the same steps.
 */
export function partingOf(run: Run, program: Program): Parting | undefined {
  const accepted: AcceptedEntry = { ...run.accepted, version: program.version };
  const entries = run.entries.slice(1).map((text) => JSON.parse(text) as Entry);
  const own = run.machine && new Machine(
    run.machine.program,
    run.accepted,
    run.id,
  );
  const next = new Machine(program, accepted, run.id);
  for (const entry of entries) {
    if (isEnd(entry)) return undefined;
    const parting = "step" in entry &&
      partingAt(entry.step, own?.live.get(entry.step), next, own);
    if (parting) return parting;
    own?.apply(entry);
    next.apply(entry);
  }
  for (const live of own?.live.values() ?? []) {
    const parting = partingAt(live.path, live, next, own);
    if (parting) return parting;
  }
  return undefined;
}

/** @param live The step as it stands in the run, under its own program. */
function partingAt(
  step: string,
  live: Live | undefined,
  next: Machine,
  own: Machine | undefined,
): Parting | undefined {
  // What came too late for the run itself means nothing to either.
  if (own !== undefined && live === undefined) return undefined;
  const there = next.live.get(step);
  if (there === undefined) {
    const instead = [...next.live.keys()].slice(0, 3).join(", ");
    const tail = instead === "" ? "" : `, but to ${instead}`;
    return { step, reason: `The new version does not come to it${tail}` };
  }
  if (live !== undefined && isWait(live) !== isWait(there)) {
    const [was, is] = isWait(live) ? ["a wait", "work"] : ["work", "a wait"];
    return { step, reason: `It was ${was} and would be ${is}` };
  }
  return undefined;
}

function isWait({ kind }: Live): boolean {
  return kind === "arming" || kind === "waiting";
}

function lineOf(
  document: Document,
  { pipeline }: Moves,
  { step }: Parting,
): { readonly line?: number } {
  const line = lineOfStep(document, pipeline, stepIdOf(step ?? ""));
  return line === undefined ? {} : { line };
}
