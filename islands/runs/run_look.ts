/**
 * A run as the page has it: what is known of it beside its journal, the journal,
 * put through its pipeline, and what comes while it is looked at.
 *
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { StepRow } from "@engine/run/describe.ts";
import type { Entry, RunError, RunStatus } from "@engine/run/journal.ts";
import type { TimeSplit } from "@engine/run/time_split.ts";
import { ApiError, ask } from "../api.ts";
import { followRun } from "./follow.ts";
import { grown, type Lane, lanesOf } from "./lanes.ts";
import { Past } from "./past.ts";
import type { Written } from "./program.ts";

/** How often the lanes of what goes on grow, in milliseconds. */
const TURN_MS = 500;

/** How long entries are collected before the run is asked for again. */
const DETAIL_MS = 150;

/** What the engine says of a run. */
export interface RunDetail {
  readonly id: string;
  readonly application: string;
  readonly pipeline: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly acceptedAt: number;
  readonly finishedAt?: number;
  readonly key?: string;
  readonly source?: string;
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: RunError;
  readonly stuck?: string;
  readonly steps: readonly StepRow[];
  readonly timeSplit: TimeSplit;
  readonly lineage: {
    readonly parent?: { readonly run: string; readonly step: string };
    readonly forkOf?: { readonly run: string; readonly step: string };
    readonly supersededBy?: string;
    readonly children: readonly string[];
  };
}

/** A run that can be looked at. */
export interface RunLook {
  readonly past: Past;
  readonly detail: RunDetail;
  /** Ascends with what the past and the lanes hold: both are the same objects. */
  readonly turn: number;
  readonly lanes: readonly Lane[];
  /** The stream is broken: what is shown may be old. */
  readonly isLost: boolean;
}

/** What has become of a question for a run. */
export interface LookedAt {
  readonly look: RunLook | undefined;
  readonly error: unknown;
  readonly reload: () => void;
}

/** Looks at a run, and goes on with it as it goes on. */
export function useRun(id: string): LookedAt {
  const [look, setLook] = useState<RunLook>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const shown = useRef(id);
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    shown.current = id;
    setError(undefined);
    load(id, signal).then((loaded) => {
      setLook(loaded);
      follow(
        loaded,
        signal,
        (change) => setLook((before) => before && { ...before, ...change }),
      );
    }, (reason) => signal.aborted || setError(reason));
    return () => ending.abort();
  }, [id, turn]);
  return {
    look: shown.current === id && look?.past.id === id ? look : undefined,
    error,
    reload: () => setTurn((before) => before + 1),
  };
}

async function load(id: string, signal: AbortSignal): Promise<RunLook> {
  const path = `/api/runs/${encodeURIComponent(id)}`;
  const [detail, entries, written, { compileWritten }] = await Promise.all([
    ask<RunDetail>(path, { signal }),
    journalOf(path, signal),
    ask<Written>(`${path}/pipeline`, { signal }).catch(absent),
    import("./program.ts"),
  ]);
  const past = new Past(id, written && compileWritten(written));
  past.append(entries);
  const lanes = lanesOf(past, Date.now());
  return { past, detail, turn: 0, lanes, isLost: false };
}

/** A pipeline that is kept no more is no failure of the page. */
function absent(reason: unknown): undefined {
  if (reason instanceof ApiError && reason.status === 404) return undefined;
  throw reason;
}

async function journalOf(
  path: string,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  let after: number | undefined;
  do {
    const query = after === undefined ? "" : `?after=${after}`;
    const page = await ask<{ entries: readonly Entry[]; next?: number }>(
      `${path}/journal${query}`,
      { signal },
    );
    for (const entry of page.entries) entries.push(entry);
    after = page.next;
  } while (after !== undefined);
  return entries;
}

function follow(
  { past, ...look }: RunLook,
  signal: AbortSignal,
  change: (change: Partial<RunLook>) => void,
): void {
  if (past.isOver) return;
  let turn = 0;
  let { lanes } = look;
  const redraw = () => {
    lanes = lanesOf(past, Date.now());
    change({ lanes, turn: ++turn });
  };
  const timer = setInterval(() => {
    if (document.hidden) return;
    lanes = grown(lanes, Date.now());
    change({ lanes, turn: ++turn });
  }, TURN_MS);
  const end = () => clearInterval(timer);
  signal.addEventListener("abort", end);
  let asking: ReturnType<typeof setTimeout> | undefined;
  const askDetail = () => {
    asking = undefined;
    ask<RunDetail>(`/api/runs/${past.id}`, { signal })
      .then((detail) => change({ detail }), () => {
        // The next entry asks again.
      });
  };
  followRun(past.id, past.last, {
    signal,
    onLost: (isLost) => change({ isLost }),
    onEntries: (entries) => {
      past.append(entries);
      redraw();
      // Entries come in bursts: one question serves all of them.
      asking ??= setTimeout(askDetail, DETAIL_MS);
    },
  }).then(() => {
    end();
    if (!signal.aborted) redraw();
  });
}
