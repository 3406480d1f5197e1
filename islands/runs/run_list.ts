/**
 * The runs of the list: the first page again and again, and further ones when
 * they are asked for.
 *
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RunError, RunStatus } from "@engine/run/journal.ts";
import { ask } from "../api.ts";
import { useLive } from "../parts/live.ts";
import { queryOf, type RunFilter } from "./run_filter.ts";

/** Runs of a page. */
export const PAGE_RUNS = 50;

/** How soon the list follows what happens, and how often without that. */
const SOON_MS = 1_000;
const OFTEN_MS = 5_000;

/** How often very many runs are counted anew, in milliseconds. */
const COUNT_MS = 10_000;

/** A run in the list. */
export interface ListedRun {
  readonly id: string;
  readonly application: string;
  readonly pipeline: string;
  readonly status: RunStatus;
  readonly acceptedAt: number;
  readonly finishedAt?: number;
  readonly durationMs?: number;
  readonly key?: string;
  readonly error?: RunError;
  /** The steps that something must happen to. */
  readonly at?: readonly string[];
}

/** How many there are. */
export interface RunCounts {
  readonly counts: Readonly<Record<RunStatus, number>>;
  readonly isPartial: boolean;
}

/** What the page has of the list. */
export interface RunList {
  /** Absent until the first page is there. */
  readonly runs: readonly ListedRun[] | undefined;
  /** Whether they are of the filter before, and others are on their way. */
  readonly isStale: boolean;
  readonly counts: RunCounts | undefined;
  readonly error: unknown;
  /** Whether there are more, and they are on their way. */
  readonly more: "none" | "there" | "coming";
  readonly loadMore: () => void;
  readonly reload: () => void;
}

interface Page {
  readonly runs: readonly ListedRun[];
  readonly next?: string;
}

interface Loaded {
  readonly key: string;
  readonly first: Page;
  readonly counts: RunCounts;
  readonly countedAt: number;
  /** The pages behind the first. They stay as they were. */
  readonly rest: readonly Page[];
}

/** Lists the runs that fit. */
export function useRunList(filter: RunFilter): RunList {
  const key = JSON.stringify(filter);
  const [loaded, setLoaded] = useState<Loaded>();
  const [error, setError] = useState<unknown>();
  const [isComing, setComing] = useState(false);
  const [turn, setTurn] = useState(0);
  const reload = () => setTurn((before) => before + 1);
  useEffect(() => {
    const ending = new AbortController();
    const before = loaded?.key === key ? loaded : undefined;
    load(filter, before, ending.signal).then((next) => {
      setError(undefined);
      setLoaded((before) => ({
        ...{ key, ...next },
        rest: before?.key === key ? before.rest : [],
      }));
    }, (reason) => ending.signal.aborted || setError(reason));
    return () => ending.abort();
  }, [key, turn]);
  useEffect(() => setError(undefined), [key]);
  useNews(reload);
  const isStale = loaded !== undefined && loaded.key !== key;
  // What was there stays until what is asked for comes, or cannot.
  const shown = isStale && error !== undefined ? undefined : loaded;
  const next = shown && (shown.rest.at(-1) ?? shown.first).next;
  const loadMore = () => {
    if (next === undefined || isComing || isStale) return;
    setComing(true);
    ask<Page>(`/api/runs?${pageQuery(filter, next)}`).then(
      (page) =>
        setLoaded((before) =>
          before?.key === key
            ? { ...before, rest: [...before.rest, page] }
            : before
        ),
      setError,
    ).finally(() => setComing(false));
  };
  return {
    runs: shown && unique([shown.first, ...shown.rest]),
    counts: loaded?.counts,
    error,
    more: next === undefined ? "none" : isComing ? "coming" : "there",
    ...{ loadMore, reload, isStale },
  };
}

function pageQuery(filter: RunFilter, cursor?: string): string {
  return queryOf(filter, { limit: String(PAGE_RUNS), cursor });
}

/** The first page, and counts, unless they are young and cost much. */
async function load(
  filter: RunFilter,
  before: Loaded | undefined,
  signal: AbortSignal,
) {
  const now = Date.now();
  const isYoung = before?.counts.isPartial === true &&
    now - before.countedAt < COUNT_MS;
  const query = queryOf({ ...filter, statuses: [] });
  const [first, counts] = await Promise.all([
    ask<Page>(`/api/runs?${pageQuery(filter)}`, { signal }),
    isYoung
      ? before.counts
      : ask<RunCounts>(`/api/runs/counts?${query}`, { signal }),
  ]);
  return { first, counts, countedAt: isYoung ? before.countedAt : now };
}

/** What is on a page behind may have come to the first meanwhile, or have ended. */
function unique(pages: readonly Page[]): readonly ListedRun[] {
  const runs = new Map<string, ListedRun>();
  for (const page of pages) {
    for (const run of page.runs) {
      if (!runs.has(run.id)) runs.set(run.id, run);
    }
  }
  return [...runs.values()];
}

/** Asks again soon after something has happened, and now and then all the same. */
function useNews(reload: () => void): void {
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(reload);
  latest.current = reload;
  useLive(["run", "reset"], () => {
    waiting.current ??= setTimeout(() => {
      waiting.current = undefined;
      if (!document.hidden) latest.current();
    }, SOON_MS);
  });
  useEffect(() => {
    const timer = setInterval(
      () => document.hidden || latest.current(),
      OFTEN_MS,
    );
    return () => {
      clearInterval(timer);
      clearTimeout(waiting.current);
    };
  }, []);
}
