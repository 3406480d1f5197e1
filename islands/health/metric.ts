/**
 * The values of metrics as people read them.
 *
 * @module
 */
import type {
  HistoryView,
  MetricView,
  Unit,
} from "../../engine/history/history_view.ts";
import { lengthText } from "../parts/time.ts";

export type { MetricView };

/** What `/api/metrics/history` answers. */
export interface MetricHistory extends HistoryView {
  readonly at: number;
  /** How far the times are from each other, in milliseconds. */
  readonly spanMs: number;
}

/** A line of a metric. */
export type MetricLine = MetricView["lines"][number];

const MIB = 1024 * 1024;

/** A value in its unit. */
export function valueText(value: number, unit: Unit): string {
  switch (unit) {
    case "seconds":
      return secondsText(value);
    case "bytes":
      return `${short(value / MIB)} MiB`;
    case "per second":
      return `${short(value)}/s`;
    case "things":
      return short(value);
  }
}

/** Shorter than a millisecond is most of what an engine does. */
function secondsText(seconds: number): string {
  const ms = seconds * 1_000;
  return ms < 10 ? `${short(ms)} ms` : lengthText(ms);
}

/** Two digits, or as many as stand before the point. */
function short(value: number): string {
  return value >= 100
    ? Math.round(value).toLocaleString()
    : String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

/** The next of 1, 2 and 5 times a power of ten, as it is read. */
export function niceMax(max: number, unit: Unit): number {
  const size = unit === "bytes" ? MIB : 1;
  if (max <= 0) return size;
  const read = max / size;
  const power = 10 ** Math.floor(Math.log10(read));
  const step = [1, 2, 5, 10].find((step) => step * power >= read) ?? 10;
  return step * power * size;
}
