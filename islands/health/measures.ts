/**
 * Rates and latencies out of counts that only ever grow: what has come between
 * two looks, over the last half minute.
 *
 * @module
 */

/** What `/api/metrics` answers. */
export interface Metrics {
  readonly at: number;
  readonly applications: readonly {
    readonly id: string;
    readonly families: readonly Family[];
  }[];
}

/** One metric. */
export interface Family {
  readonly name: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/** The requests that were answered so far. */
export interface Look {
  readonly at: number;
  readonly requests: number;
  /** How many took at most so many seconds, by that number. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** A value at a time; null where there is none. */
export interface Point {
  readonly at: number;
  readonly value: number | null;
}

/** Over how long values are taken together, in milliseconds. */
export const SPAN_MS = 30_000;

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** The requests of all documents. */
export function lookAt({ at, applications }: Metrics): Look {
  const samples = (end: string) =>
    applications.flatMap(({ families }) => families)
      // A collector may put a name of its own in front.
      .filter(({ name }) => name.endsWith(end))
      .flatMap((family) => family.samples);
  const requests = samples("http_requests_total")
    .reduce((sum, { value }) => sum + value, 0);
  const buckets = new Map<number, number>();
  for (const sample of samples("http_request_duration_seconds")) {
    const { name, labels: { le }, value } = sample;
    if (!name.endsWith("_bucket") || le === undefined) continue;
    const limit = le === "+Inf" ? Infinity : Number(le);
    buckets.set(limit, (buckets.get(limit) ?? 0) + value);
  }
  return { at, requests, buckets };
}

/** Requests a minute, at each look but the first. */
export function ratesOf(looks: readonly Look[]): readonly Point[] {
  return looks.slice(1).map((look, index) => {
    const before = beginOf(looks, index + 1);
    const ms = look.at - before.at;
    const grown = look.requests - before.requests;
    // Counts begin anew with the engine.
    return {
      at: look.at,
      value: ms <= 0 || grown < 0 ? null : grown / ms * MINUTE_MS,
    };
  });
}

/** In how many milliseconds a share of the requests was answered. */
export function quantilesOf(
  looks: readonly Look[],
  share: number,
): readonly Point[] {
  return looks.slice(1).map((look, index) => {
    const before = beginOf(looks, index + 1);
    const grown = [...look.buckets].map(([limit, count]) =>
      [limit, count - (before.buckets.get(limit) ?? 0)] as const
    ).sort(([a], [b]) => a - b);
    const seconds = quantile(grown, share);
    return {
      at: look.at,
      value: seconds === null ? null : seconds * SECOND_MS,
    };
  });
}

/** The look from which a value at a place counts. */
function beginOf(looks: readonly Look[], place: number): Look {
  const end = looks[place] as Look;
  const from = looks.find(({ at }) => at >= end.at - SPAN_MS) as Look;
  return from === end ? looks[place - 1] as Look : from;
}

/** Between the limits of a bucket, evenly. */
function quantile(
  buckets: readonly (readonly [number, number])[],
  share: number,
): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  const wanted = total * share;
  let [low, below] = [0, 0];
  for (const [limit, count] of buckets) {
    if (count >= wanted) {
      if (limit === Infinity) return low;
      const part = count === below ? 1 : (wanted - below) / (count - below);
      return low + (limit - low) * part;
    }
    [low, below] = [limit, count];
  }
  return low;
}

/** How many things a minute, of the times at which they were. */
export function eventRates(
  times: readonly number[],
  looks: readonly number[],
): readonly Point[] {
  return looks.map((at) => ({
    at,
    value: times.filter((time) => time <= at && time > at - SPAN_MS).length *
      (MINUTE_MS / SPAN_MS),
  }));
}
