/**
 * How many runs there are of each status.
 *
 * @module
 */
import {
  type Application,
  listRuns,
  RUN_STATUSES,
  type RunFilter,
  type RunStatus,
} from "../engine/mod.ts";

/** How a run is that is over. */
const OVER: readonly RunStatus[] = ["completed", "failed", "cancelled"];

const UNFINISHED = RUN_STATUSES.filter((status) => !OVER.includes(status));

/** The newest runs that are over, or are not, which one count looks at. */
export const COUNTED_MAX = 10_000;

/** Counts of the newest runs that fit. */
export interface RunCounts {
  readonly counts: Readonly<Record<RunStatus, number>>;
  /** Whether there are more runs than were counted. */
  readonly isPartial: boolean;
}

/** Counts what fits a filter, whatever its status. */
export async function countRuns(
  applications: readonly Application[],
  filter: RunFilter,
): Promise<RunCounts> {
  // Each for itself: old runs that wait would be behind many that are over.
  const pages = await Promise.all(
    applications.flatMap(({ runs }) =>
      [UNFINISHED, OVER].map((group) => {
        const statuses = new Set(group);
        const limit = COUNTED_MAX;
        return listRuns(runs, { ...filter, statuses }, { limit });
      })
    ),
  );
  const counts = Object.fromEntries(
    RUN_STATUSES.map((status) => [status, 0]),
  ) as Record<RunStatus, number>;
  for (const { runs } of pages) {
    for (const { status } of runs) counts[status]++;
  }
  return { counts, isPartial: pages.some(({ next }) => next !== undefined) };
}
