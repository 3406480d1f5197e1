/**
 * Runs by what they are like, the newest first: those under way and those that
 * are over and kept, as one list.
 *
 * @module
 */
import type { ArchivedRun } from "./archive.ts";
import { lowestIdAt, timeOfId } from "./ids.ts";
import type { RunStatus } from "./journal.ts";
import { type RunSummary, summarize } from "./run.ts";
import type { Runs } from "./runs.ts";

/** Finished runs that one page looks at, whether they fit or not. */
export const RUNS_SCANNED_MAX = 50_000;

/** Which runs are meant. What is absent fits every run. */
export interface RunFilter {
  readonly pipeline?: string | undefined;
  readonly statuses?: ReadonlySet<RunStatus> | undefined;
  /** Accepted at this time or later, in milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
  /** Accepted at this time or before. */
  readonly untilMs?: number | undefined;
  /** Stands at the start of the id, or anywhere in pipeline or key. */
  readonly text?: string | undefined;
}

/** Some runs, and where to go on. */
export interface RunPage {
  readonly runs: readonly RunSummary[];
  /** Everything from this id on has been looked at; absent: everything has. */
  readonly next?: string;
}

/**
 * The newest runs below `before` that fit. The page may have fewer than `limit`,
 * or none, and more may follow all the same: one call looks at so many at most.
 */
export async function listRuns(
  runs: Runs,
  filter: RunFilter,
  { limit, before }: {
    readonly limit: number;
    readonly before?: string | undefined;
  },
): Promise<RunPage> {
  const start = startOf(filter, before);
  // Those under way first: one that ends meanwhile is then in both.
  const bounds = { limit: limit + 1, before: start };
  const elsewhere = isOverOnly(filter) ? [] : await runs.liveElsewhere();
  const live = newestLive(runs, elsewhere, { ...filter, ...bounds });
  const kept = await newestKept(runs, filter, { limit, before: start });
  const { next } = kept;
  const known = new Set(kept.runs.map(({ id }) => id));
  const merged = [...kept.runs, ...live.filter(({ id }) => !known.has(id))]
    .filter(({ id }) => next === undefined || id >= next)
    .sort(byNewest);
  if (merged.length > limit) {
    const page = merged.slice(0, limit);
    const last = page.at(-1);
    return { runs: page, ...last === undefined ? {} : { next: last.id } };
  }
  return { runs: merged, ...next === undefined ? {} : { next } };
}

/** The newest first. */
export function byNewest(
  a: { readonly id: string },
  b: { readonly id: string },
): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

function startOf(
  { untilMs }: RunFilter,
  before: string | undefined,
): string | undefined {
  if (untilMs === undefined) return before;
  const end = lowestIdAt(untilMs + 1);
  return before === undefined || end < before ? end : before;
}

interface Bounds {
  readonly limit: number;
  readonly before: string | undefined;
}

function newestLive(
  runs: Runs,
  elsewhere: readonly RunSummary[],
  { limit, before, ...filter }: Bounds & RunFilter,
): readonly RunSummary[] {
  const found = new Map<string, RunSummary>();
  const take = (summary: RunSummary) => {
    if (before !== undefined && summary.id >= before) return;
    if (!fits(summary, filter)) return;
    found.set(summary.id, summary);
    // Half a million may fit: no more than a few pages are ever sorted.
    if (found.size < 4 * limit + 1_000) return;
    const rest = [...found.values()].sort(byNewest).slice(limit);
    for (const { id } of rest) found.delete(id);
  };
  for (const summary of elsewhere) take(summary);
  // One that has come here meanwhile is known better here.
  for (const run of runs.live()) {
    take(summarize(run.id, run.accepted, run.status));
  }
  return [...found.values()].sort(byNewest).slice(0, limit);
}

/** `limit` runs and one more, which tells that there are more. */
async function newestKept(
  runs: Runs,
  filter: RunFilter,
  { limit, before }: Bounds,
): Promise<RunPage> {
  const { statuses, sinceMs } = filter;
  const found: RunSummary[] = [];
  if (statuses !== undefined && !OVER.some((status) => statuses.has(status))) {
    return { runs: found };
  }
  const groups = runs.finished(before);
  let scanned = 0;
  let last = before;
  try {
    while (true) {
      const { done, value } = await groups.next();
      if (done) {
        return { runs: found, ...value && last ? { next: last } : {} };
      }
      for (const { summary } of value as readonly ArchivedRun[]) {
        last = summary.id;
        if (sinceMs !== undefined && (timeOfId(last) ?? 0) < sinceMs) {
          return { runs: found };
        }
        if (fits(summary, filter)) found.push(summary);
        if (found.length > limit || ++scanned >= RUNS_SCANNED_MAX) {
          return { runs: found, next: last };
        }
      }
    }
  } finally {
    await groups.return(false);
  }
}

/** Whether no run that is under way can fit. */
function isOverOnly({ statuses }: RunFilter): boolean {
  return statuses !== undefined &&
    [...statuses].every((status) => OVER.includes(status));
}

const OVER: readonly RunStatus[] = ["completed", "failed", "cancelled"];

function fits(
  { id, pipeline, key, status }: RunSummary,
  { pipeline: wanted, statuses, sinceMs, untilMs, text }: RunFilter,
): boolean {
  if (wanted !== undefined && pipeline !== wanted) return false;
  if (statuses !== undefined && !statuses.has(status)) return false;
  const at = timeOfId(id) ?? 0;
  if (sinceMs !== undefined && at < sinceMs) return false;
  if (untilMs !== undefined && at > untilMs) return false;
  if (text === undefined) return true;
  return id.startsWith(text.toUpperCase()) ||
    [pipeline, key].some((name) =>
      name?.toLowerCase().includes(text.toLowerCase())
    );
}
