/**
 * What moves along the ties of the running document. Each tie has a signal of its
 * own, so that a count touches nothing else on the canvas.
 *
 * @module
 */
import { batch, type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../api.ts";
import { type LiveEvent, useLive } from "../parts/live.ts";

/** How often something went along a tie, and whether it just did. */
export interface Flow {
  readonly count: number;
  readonly isLive: boolean;
}

/** How long a tie moves after something went along it, in milliseconds. */
const LIVE_MS = 1_000;

const STILL: Flow = { count: 0, isLive: false };

const flows = new Map<string, Signal<Flow>>();
/** Until when each tie moves that does, soonest first. */
const ends = new Map<string, number>();
let sweep: ReturnType<typeof setTimeout> | undefined;

/** The flow along the edge that the document states at a path. */
export function flowOf(path: string): Signal<Flow> {
  const known = flows.get(path);
  if (known) return known;
  const fresh = signal(STILL);
  flows.set(path, fresh);
  return fresh;
}

const KINDS = ["traffic"];

/** Listens as long as the component is there. */
export function useTraffic(document: string): void {
  useEffect(() => {
    const path = `/api/workflow/traffic?document=${
      encodeURIComponent(document)
    }`;
    let isLeft = false;
    ask<Readonly<Record<string, number>>>(path).then((counts) => {
      if (isLeft) return;
      for (const [edge, count] of Object.entries(counts)) {
        flowOf(edge).value = { count, isLive: false };
      }
    }, () => {
      // It does not run: nothing moves.
    });
    return () => {
      isLeft = true;
      forget();
    };
  }, [document]);
  useLive(KINDS, (event) => {
    if (event.application === document) tell(event);
  });
}

/** Nothing moves any more: ties of another document may have the same paths. */
function forget(): void {
  clearTimeout(sweep);
  sweep = undefined;
  ends.clear();
  batch(() => {
    for (const flow of flows.values()) flow.value = STILL;
  });
}

function tell({ edges }: LiveEvent): void {
  const counts = edges as Readonly<Record<string, number>>;
  const end = performance.now() + LIVE_MS;
  batch(() => {
    for (const [path, count] of Object.entries(counts)) {
      flowOf(path).value = { count, isLive: true };
      // What was there already goes to the end.
      ends.delete(path);
      ends.set(path, end);
    }
  });
  sweep ??= setTimeout(still, LIVE_MS);
}

/** Stops what has moved for long enough: one timer for all of them. */
function still(): void {
  const now = performance.now();
  sweep = undefined;
  batch(() => {
    for (const [path, end] of ends) {
      if (end > now) {
        sweep = setTimeout(still, end - now);
        return;
      }
      ends.delete(path);
      const flow = flowOf(path);
      flow.value = { ...flow.peek(), isLive: false };
    }
  });
}
