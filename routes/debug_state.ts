/**
 * A paused run as the debugger of the original engine shows its session.
 *
 * @module
 */
import {
  type AcceptedEntry,
  type Application,
  debugView,
  describeSteps,
  type Entry,
  listRuns,
  replay,
  type RunSummary,
} from "../engine/mod.ts";

/** Paused runs that are looked for, and named, at most. */
const PAUSED_MAX = 100;

const NS_IN_MS = 1_000_000;

/** A run that is paused, and whose it is. */
export interface PausedRun {
  readonly application: Application;
  readonly summary: RunSummary;
}

/** The runs that are paused, `PAUSED_MAX` of an application at most. */
export async function pausedRuns(
  applications: readonly Application[],
): Promise<readonly PausedRun[]> {
  const lists = await Promise.all(applications.map(async (application) => {
    const filter = { statuses: new Set(["paused" as const]) };
    const page = await listRuns(application.runs, filter, {
      limit: PAUSED_MAX,
    });
    return page.runs.map((summary) => ({ application, summary }));
  }));
  return lists.flat();
}

/** The session: that of the run, or none. */
export async function debugState(paused: PausedRun | undefined) {
  const view = await paused?.application.runs.get(paused.summary.id);
  const idle = {
    ...{ status: "idle", current_step: "", workflow_type: "", action: "" },
    step_history: [],
  };
  if (paused === undefined || view === undefined) return idle;
  const { runs } = paused.application;
  const seen = await debugView(runs, view);
  if (seen.paused === null) return idle;
  const { step, since, breakpoint } = seen.paused;
  return {
    status: "paused",
    run: seen.run,
    current_step: step,
    workflow_type: seen.pipeline,
    action: "run",
    data: {
      ...seen.scope,
      ...seen.with === undefined ? {} : { with: seen.with },
    },
    paused_at: new Date(since).toISOString(),
    ...breakpoint === undefined ? {} : { breakpoint_id: breakpoint },
    step_history: await historyOf(paused, view.entries),
  };
}

async function historyOf(
  { application: { runs }, summary: { id, pipeline, version } }: PausedRun,
  entries: readonly Entry[],
) {
  const [first, ...rest] = entries;
  const program = await runs.programs.version(pipeline, version);
  if (typeof program === "string" || first?.kind !== "accepted") return [];
  const journal: [AcceptedEntry, ...Entry[]] = [first, ...rest];
  const progress = replay(program, { id, entries: journal });
  return describeSteps(entries, { progress }).flatMap((row) => {
    const { path, finishedAt, durationMs = 0, output, error } = row;
    if (finishedAt === undefined) return [];
    return [{
      ...{ step: path, type: "workflow" },
      timestamp: new Date(finishedAt).toISOString(),
      duration: durationMs * NS_IN_MS,
      ...output === undefined ? {} : { data: output },
      ...error === undefined ? {} : { error: error.message },
    }];
  });
}
