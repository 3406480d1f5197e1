/**
 * What the page has seen of the engine's work in the last minutes.
 *
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Connection, type LiveEvent, useLive } from "../parts/live.ts";
import { type Resource, useResource } from "../parts/resource.ts";
import { type Look, lookAt, type Metrics, SPAN_MS } from "./measures.ts";
import { WINDOW_MS } from "./plot.tsx";

/** How often the engine is asked, in milliseconds. */
const EVERY_MS = 2_000;

/** What the plots are drawn from. */
export interface Collected {
  readonly now: number;
  /** When the page looked. */
  readonly looks: readonly number[];
  readonly requests: readonly Look[];
  /** When runs ended well, and otherwise, and when attempts at steps failed. */
  readonly completed: readonly number[];
  readonly failed: readonly number[];
  readonly stepFailures: readonly number[];
  /** Whether any document counts requests. */
  readonly isCounting: boolean;
  readonly metrics: Resource<Metrics>;
  readonly connection: Connection;
}

type Times = Readonly<Record<"completed" | "failed" | "steps", number[]>>;

/** Collects as long as the component is there. */
export function useCollected(): Collected {
  const metrics = useResource<Metrics>("/api/metrics", EVERY_MS);
  const [requests, setRequests] = useState<readonly Look[]>([]);
  const [looks, setLooks] = useState<readonly number[]>([]);
  const times = useRef<Times>({ completed: [], failed: [], steps: [] });
  const connection = useLive(["run"], (event) => note(times.current, event));
  useEffect(() => {
    const timer = setInterval(() => {
      const now = Date.now();
      Object.values(times.current).forEach((list) => trim(list, now));
      setLooks((before) => kept([...before, now], now, (at) => at));
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const { value } = metrics;
  useEffect(() => {
    if (value === undefined) return;
    const look = lookAt(value);
    setRequests((before) => kept([...before, look], look.at, ({ at }) => at));
  }, [value]);
  const { completed, failed, steps } = times.current;
  return {
    now: looks.at(-1) ?? Date.now(),
    ...{ looks, requests, completed, failed, stepFailures: steps },
    isCounting: value === undefined || value.applications.length > 0,
    ...{ metrics, connection },
  };
}

function note(times: Times, { at, entry }: LiveEvent): void {
  if (entry === "completed") times.completed.push(at);
  if (entry === "failed" || entry === "cancelled") times.failed.push(at);
  if (entry === "step.failed") times.steps.push(at);
}

function trim(list: number[], now: number): void {
  const begin = now - WINDOW_MS - SPAN_MS;
  const stay = list.findIndex((at) => at >= begin);
  list.splice(0, stay < 0 ? list.length : stay);
}

function kept<T>(
  all: readonly T[],
  now: number,
  timeOf: (one: T) => number,
): readonly T[] {
  return all.filter((one) => timeOf(one) >= now - WINDOW_MS - SPAN_MS);
}
