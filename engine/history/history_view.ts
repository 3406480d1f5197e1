/**
 * A history as lines that can be drawn: a metric says by its name and its kind in
 * which unit, and by its definition what it is.
 *
 * @module
 */
import type { MetricDefinition } from "../observe.ts";
import { type Distribution, quantileOf } from "./distribution.ts";
import type { Count } from "./recorder.ts";

/** What was measured in a span of time. */
export interface Span {
  /** Its end, in milliseconds since 1970. */
  readonly at: number;
  readonly ms: number;
  readonly isEstimate: boolean;
  readonly counts: ReadonlyMap<string, Required<Count>>;
  readonly times: ReadonlyMap<string, Distribution>;
  /** What is read instead of added up. */
  readonly levels: ReadonlyMap<string, number>;
}

/** What the values of a metric are. */
export type Unit = "per second" | "seconds" | "bytes" | "things";

/** A value for each time; null where there is none. */
export type Values = readonly (number | null)[];

/** A metric in the course of time. */
export interface MetricView {
  readonly name: string;
  /** What it is, for people: what its definition says. */
  readonly help: string;
  readonly unit: Unit;
  readonly lines: readonly {
    readonly name: "all" | "failed" | "p50" | "p95" | "now";
    readonly values: Values;
  }[];
}

/** See the module comment. */
export interface HistoryView {
  /** When the spans end, in milliseconds since 1970. */
  readonly times: readonly number[];
  /** Whether some counts were made from a part of what happened. */
  readonly isEstimate: boolean;
  /** Those of which there was something, if only before these times. */
  readonly metrics: readonly MetricView[];
}

/** What came after `begin`. The metrics are in the order of their definitions. */
export function viewOf(
  all: readonly Span[],
  { begin, definitions }: {
    readonly begin: number;
    readonly definitions: ReadonlyMap<string, MetricDefinition>;
  },
): HistoryView {
  const spans = all.filter(({ at }) => at > begin);
  const metrics = [...definitions]
    .filter(([name]) => all.some((span) => has(span, name)))
    .map(([name, definition]) => ({
      ...{ name, help: definition.help, unit: unitOf(name, definition) },
      lines: linesOf(name, definition, spans),
    }));
  return {
    times: spans.map(({ at }) => at),
    isEstimate: spans.some(({ isEstimate }) => isEstimate),
    metrics,
  };
}

/** A name ends with its unit, as those who collect metrics expect. */
function unitOf(name: string, { kind }: MetricDefinition): Unit {
  if (kind === "counter") return "per second";
  return name.endsWith("_seconds")
    ? "seconds"
    : name.endsWith("_bytes")
    ? "bytes"
    : "things";
}

function has({ counts, times, levels }: Span, name: string): boolean {
  return counts.has(name) || times.has(name) || levels.has(name);
}

function linesOf(
  name: string,
  { kind, failed }: MetricDefinition,
  spans: readonly Span[],
): MetricView["lines"] {
  switch (kind) {
    case "counter": {
      const rate = (part: keyof Count) =>
        spans.map(({ counts, ms }) =>
          (counts.get(name)?.[part] ?? 0) * 1_000 / ms
        );
      return [
        { name: "all", values: rate("all") },
        ...failed === undefined
          ? []
          : [{ name: "failed" as const, values: rate("failed") }],
      ];
    }
    case "histogram": {
      const within = (share: number) =>
        spans.map(({ times }) =>
          quantileOf(times.get(name) ?? new Map(), share) ?? null
        );
      return [
        { name: "p50", values: within(0.5) },
        { name: "p95", values: within(0.95) },
      ];
    }
    case "gauge":
      return [{
        name: "now",
        values: spans.map(({ levels }) => levels.get(name) ?? null),
      }];
  }
}
