/**
 * What the applications of this process have measured in the last hour, in short
 * spans of time. Nothing of it is stored: it is for eyes, and begins anew with the
 * process.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import { Meter, type MetricDefinition } from "../observe.ts";
import { sumOf } from "./distribution.ts";
import { type HistoryView, type Span, viewOf } from "./history_view.ts";
import { type Measured, Recorder } from "./recorder.ts";

/** How long a span is, in milliseconds. */
export const SPAN_MS = 10_000;

/** How many spans are remembered: an hour. */
export const SPANS_MAX = 360;

/** How often it is looked how much is measured, and how late, in milliseconds. */
export const TICK_MS = 500;

/** From which age on the span that goes on is shown as well, in milliseconds. */
const SHOWN_FROM_MS = 5_000;

/** What is measured of the process, and of applications beside their meters. */
export const PROCESS_METRICS = {
  queue_depth: {
    kind: "gauge",
    help: "Messages in durable queues",
    labels: [],
  },
  event_loop_delay_seconds: {
    kind: "histogram",
    help: "How late the process does what is due",
    labels: [],
  },
  process_resident_memory_bytes: {
    kind: "gauge",
    help: "Memory that the process holds",
    labels: [],
  },
} as const satisfies Record<string, MetricDefinition>;

/** An application whose measurements are kept. */
export interface Recorded {
  readonly meter: Meter;
  /** How many messages its queues hold; `undefined` if it has none. */
  readonly queueDepth: () => Promise<number | undefined>;
}

/** Which part of a history is looked at. */
export interface HistoryQuery {
  /** Of one application; absent: of all together. */
  readonly application?: string;
  /** How far it goes back, in milliseconds. */
  readonly forMs: number;
}

/** What the process is like, whatever runs in it. */
const PROCESS = Symbol("process");

type Owner = string | typeof PROCESS;

interface Source {
  readonly recorder: Recorder;
  readonly meter: Meter;
  readonly queueDepth?: Recorded["queueDepth"];
}

interface WholeSpan {
  readonly at: number;
  readonly ms: number;
  readonly measured: ReadonlyMap<Owner, Measured>;
  readonly levels: Map<Owner, Map<string, number>>;
}

/** See the module comment. */
export class History {
  readonly #clock: Pick<Clock, "now" | "elapsed" | "after">;
  readonly #sources = new Map<Owner, Source>();
  readonly #spans: WholeSpan[] = [];
  readonly #residentBytes: () => number;
  /** When the span began that goes on; Infinity: none does. */
  #begunMs = Infinity;
  #cancel = () => {};

  constructor(
    clock: Pick<Clock, "now" | "elapsed" | "after">,
    residentBytes: () => number = () => Deno.memoryUsage().rss,
  ) {
    this.#clock = clock;
    this.#residentBytes = residentBytes;
    const meter = new Meter();
    meter.define(PROCESS_METRICS);
    this.#sources.set(PROCESS, { meter, recorder: new Recorder(meter) });
  }

  /** Records an application from now on. */
  record(application: string, { meter, queueDepth }: Recorded): void {
    const recorder = new Recorder(meter);
    meter.sampler = recorder;
    this.#sources.set(application, { recorder, meter, queueDepth });
  }

  /** Begins to remember. */
  open(): void {
    this.#begunMs = this.#clock.elapsed();
    this.#waitFor(this.#begunMs + TICK_MS);
  }

  /** Ends it, and lets go of the meters. */
  close(): void {
    this.#cancel();
    this.#begunMs = Infinity;
    for (const { meter } of this.#sources.values()) meter.sampler = undefined;
  }

  /** What was measured, for those who look. */
  view({ application, forMs }: HistoryQuery): HistoryView {
    const begin = this.#clock.now() - forMs;
    const owners: readonly Owner[] = application === undefined
      ? [...this.#sources.keys()]
      : [application, PROCESS];
    const shown = [...this.#spans, ...this.#open()];
    const spans = shown.map((span) => spanOf(span, owners));
    return viewOf(spans, { begin, definitions: this.#definitions(owners) });
  }

  #waitFor(dueMs: number): void {
    const waitMs = Math.max(0, dueMs - this.#clock.elapsed());
    this.#cancel = this.#clock.after(waitMs, () => {
      const now = this.#clock.elapsed();
      const late = Math.max(0, now - dueMs) / 1_000;
      this.#sources.get(PROCESS)?.recorder
        .take("event_loop_delay_seconds", {}, late, true);
      for (const { recorder, meter } of this.#sources.values()) {
        recorder.adapt(meter.isExact);
      }
      if (now - this.#begunMs >= SPAN_MS) this.#end(now);
      this.#waitFor(now + TICK_MS);
    });
  }

  /** Ends a span and begins the next one. */
  #end(now: number): void {
    const span = this.#measured(now);
    const bytes = this.#residentBytes();
    span.levels.set(
      PROCESS,
      new Map([["process_resident_memory_bytes", bytes]]),
    );
    for (const [owner, { recorder, queueDepth }] of this.#sources) {
      recorder.reset();
      queueDepth?.().then((depth) => {
        if (depth === undefined) return;
        span.levels.set(owner, new Map([["queue_depth", depth]]));
      }, () => {
        // A store that does not answer is told of by those who need it.
      });
    }
    this.#spans.push(span);
    if (this.#spans.length > SPANS_MAX) this.#spans.shift();
    this.#begunMs = now;
  }

  /** The span that goes on, if it is long enough to say something. */
  #open(): readonly WholeSpan[] {
    const now = this.#clock.elapsed();
    return now - this.#begunMs < SHOWN_FROM_MS ? [] : [this.#measured(now)];
  }

  #measured(now: number): WholeSpan {
    const measured = new Map<Owner, Measured>();
    for (const [owner, { recorder }] of this.#sources) {
      const found = recorder.measured();
      // Most applications of many do nothing most of the time.
      if (found.counts.size + found.times.size > 0) measured.set(owner, found);
    }
    const ms = now - this.#begunMs;
    return { at: this.#clock.now(), ms, measured, levels: new Map() };
  }

  #definitions(
    owners: readonly Owner[],
  ): ReadonlyMap<string, MetricDefinition> {
    const meters = owners.flatMap((owner) =>
      this.#sources.get(owner)?.meter ?? []
    );
    const own = Object.entries<MetricDefinition>(PROCESS_METRICS);
    return new Map([
      ...meters.flatMap((meter) => [...meter.definitions()])
        .filter(([name]) => !(name in PROCESS_METRICS)),
      ...own,
    ]);
  }
}

/** What several have measured in a span, together. */
function spanOf(
  { at, ms, measured, levels }: WholeSpan,
  owners: readonly Owner[],
): Span {
  const found = owners.flatMap((owner) => measured.get(owner) ?? []);
  const names = (of: (one: Measured) => ReadonlyMap<string, unknown>) =>
    new Set(found.flatMap((one) => [...of(one).keys()]));
  const read = owners.flatMap((owner) => [...levels.get(owner) ?? []]);
  return {
    ...{ at, ms, isEstimate: found.some(({ isEstimate }) => isEstimate) },
    counts: new Map(
      [...names(({ counts }) => counts)].map((name) => {
        const counts = found.flatMap((one) => one.counts.get(name) ?? []);
        const all = counts.reduce((sum, { all }) => sum + all, 0);
        const failed = counts.reduce((sum, one) => sum + (one.failed ?? 0), 0);
        return [name, { all, failed }];
      }),
    ),
    times: new Map(
      [...names(({ times }) => times)].map((name) => [
        name,
        sumOf(found.flatMap((one) => one.times.get(name) ?? [])),
      ]),
    ),
    levels: read.reduce(
      (sums, [name, value]) => sums.set(name, (sums.get(name) ?? 0) + value),
      new Map<string, number>(),
    ),
  };
}
