/**
 * A small plot of a metric. Where the pointer is, the values of that time are
 * shown, in this plot and in those beside it.
 *
 * @module
 */
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { lengthText, timeText } from "../parts/time.ts";
import {
  type MetricHistory,
  type MetricLine,
  type MetricView,
  niceMax,
  valueText,
} from "./metric.ts";

const WIDTH = 300;
const HEIGHT = 80;

/** The hue of a line; it is also told by its name. */
const LOOKS: Readonly<Record<MetricLine["name"], string>> = {
  ...{ all: "accent", failed: "fail", p50: "run", p95: "wait", now: "accent" },
};

/** The times that plots show. */
export interface Range {
  readonly history: Pick<MetricHistory, "at" | "times" | "spanMs">;
  /** How much time is shown, in milliseconds. */
  readonly forMs: number;
  /** The place of the time that is looked at; absent: the newest. */
  readonly place: number | undefined;
  /** Told where the pointer is, as a time. */
  readonly onLook: (at: number | undefined) => void;
}

/** See the module comment. */
export function Plot(
  { metric, range }: { readonly metric: MetricView; readonly range: Range },
): JSX.Element {
  const { lines, unit, help } = metric;
  const { history: { at, times }, forMs, place } = range;
  const id = useId();
  const begin = at - forMs;
  const values = lines.flatMap(({ values }) =>
    values.flatMap((value) => value ?? [])
  );
  const max = niceMax(Math.max(0, ...values), unit);
  const lookedAt = place === undefined ? undefined : times[place];
  const follow = (element: Element, x: number) => {
    const { left, width } = element.getBoundingClientRect();
    range.onLook(begin + (x - left) / width * forMs);
  };
  const scale = { begin, forMs, max, spanMs: range.history.spanMs };
  return (
    <figure class="card plot" aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{help}</h2>
        <span class="quiet number">
          {lookedAt === undefined ? "" : timeText(lookedAt)}
        </span>
      </figcaption>
      <Legend metric={metric} place={place} />
      <div class="plot-area">
        <span class="plot-max number">{valueText(max, unit)}</span>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={spoken(metric, forMs)}
          onPointerMove={({ currentTarget, clientX }) =>
            follow(currentTarget, clientX)}
          onPointerDown={({ currentTarget, clientX }) =>
            follow(currentTarget, clientX)}
          onPointerLeave={() => range.onLook(undefined)}
        >
          <path
            class="plot-grid"
            d={`M0 .5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}`}
          />
          <path class="plot-axis" d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
          {lines.toReversed().map(({ name, values }) => (
            <path
              key={name}
              class={`plot-line ${LOOKS[name]}-line`}
              d={name === "failed" && values.every((value) => !value)
                ? ""
                : lineOf(times, values, scale)}
            />
          ))}
          {lookedAt !== undefined && (
            <path
              class="plot-cursor"
              d={`M${xOf(lookedAt, scale)} 0V${HEIGHT}`}
            />
          )}
        </svg>
      </div>
      <div class="plot-times quiet">
        <span>{lengthText(forMs)} ago</span>
        <span>now</span>
      </div>
    </figure>
  );
}

function Legend(
  { metric: { lines, unit }, place }: {
    readonly metric: MetricView;
    readonly place: number | undefined;
  },
): JSX.Element {
  return (
    <p class="plot-legend">
      {lines.map(({ name, values }) => {
        const value = place === undefined ? newest(values) : values[place];
        return (
          <span key={name}>
            <i class={`${LOOKS[name]}-key`}></i>
            <b class="number">
              {value === undefined || value === null
                ? "–"
                : valueText(value, unit)}
            </b>
            {lines.length > 1 && <span class="quiet">{` ${name}`}</span>}
          </span>
        );
      })}
    </p>
  );
}

/** Of the last two times: some are read only when a span of time is over. */
function newest(values: MetricLine["values"]): number | null | undefined {
  return values.at(-1) ?? values.at(-2);
}

/** The place of the time next to another; none where nothing was measured. */
export function nearest(
  wanted: number,
  { times, spanMs }: Range["history"],
): number | undefined {
  const distance = (place: number) => Math.abs((times[place] ?? 0) - wanted);
  const best = times.reduce(
    (best, _, place) => distance(place) < distance(best) ? place : best,
    0,
  );
  return distance(best) <= spanMs ? best : undefined;
}

function spoken({ help, unit, lines }: MetricView, forMs: number): string {
  const parts = lines.map(({ name, values }) => {
    const there = values.flatMap((value) => value ?? []);
    const last = newest(values);
    const most = valueText(Math.max(0, ...there), unit);
    const subject = name === "now" ? "" : `${name}: `;
    return last === undefined || last === null
      ? `${subject}nothing now, at most ${most}`
      : `${subject}${valueText(last, unit)} now, at most ${most}`;
  });
  return `${help} in the last ${lengthText(forMs)}. ${parts.join("; ")}`;
}

interface Scale {
  readonly begin: number;
  readonly forMs: number;
  readonly max: number;
  readonly spanMs: number;
}

/** Without a line where there is no value, or no time. */
function lineOf(
  times: readonly number[],
  values: MetricLine["values"],
  scale: Scale,
): string {
  let before: number | undefined;
  const parts: string[] = [];
  times.forEach((at, place) => {
    const value = values[place] ?? null;
    if (value === null) return before = undefined;
    const isNext = before !== undefined && at - before < 2 * scale.spanMs;
    const y = HEIGHT - 1 - value / scale.max * (HEIGHT - 4);
    // The first of several, and a lone one, is as wide as its span.
    const begin = isNext
      ? ""
      : `M${xOf(at - scale.spanMs, scale)} ${y.toFixed(1)}`;
    parts.push(`${begin}L${xOf(at, scale)} ${y.toFixed(1)}`);
    before = at;
  });
  return parts.join("");
}

function xOf(at: number, { begin, forMs }: Scale): string {
  return ((at - begin) / forMs * WIDTH).toFixed(1);
}
