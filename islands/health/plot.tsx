/**
 * A small plot of the last minutes.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { timeText } from "../parts/time.ts";
import type { Point } from "./measures.ts";

/** How much time a plot shows, in milliseconds. */
export const WINDOW_MS = 5 * 60_000;

const WIDTH = 300;
const HEIGHT = 80;

/** How far a value is shown from where it was, in milliseconds. */
const NEAR_MS = 5_000;

/** One line of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** The hue; the line is also told by its name. */
  readonly look: "run" | "accent" | "fail" | "wait";
}

/** What a plot shows. */
export interface PlotProps {
  readonly title: string;
  readonly series: readonly Series[];
  readonly now: number;
  readonly text: (value: number) => string;
  /** Stands in place of the plot where there can be none. */
  readonly instead?: ComponentChildren;
}

/** See the module comment. */
export function Plot(props: PlotProps): JSX.Element {
  const { title, series, now, text, instead } = props;
  const [at, setAt] = useState<number>();
  const begin = now - WINDOW_MS;
  const values = series.flatMap(({ points }) =>
    points.flatMap(({ at, value }) =>
      value === null || at < begin ? [] : [value]
    )
  );
  const max = niceMax(Math.max(0, ...values));
  const follow = (element: Element, x: number) => {
    const { left, width } = element.getBoundingClientRect();
    setAt(begin + (x - left) / width * WINDOW_MS);
  };
  return (
    <figure class="card plot">
      <figcaption>
        <h2>{title}</h2>
        <span class="quiet number">{at === undefined ? "" : timeText(at)}</span>
      </figcaption>
      {instead ?? (
        <>
          <Legend series={series} at={at} text={text} />
          <div class="plot-area">
            <span class="plot-max number">{text(max)}</span>
            <svg
              viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
              preserveAspectRatio="none"
              role="img"
              aria-label={spoken(title, series, text)}
              onPointerMove={({ currentTarget, clientX }) =>
                follow(currentTarget, clientX)}
              onPointerLeave={() => setAt(undefined)}
            >
              <path
                class="plot-grid"
                d={`M0 .5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}`}
              />
              <path class="plot-axis" d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
              {series.toReversed().map(({ name, points, look }) => (
                <path
                  key={name}
                  class={`plot-line ${look}-line`}
                  d={lineOf(points, { begin, max })}
                />
              ))}
              {at !== undefined && (
                <path
                  class="plot-cursor"
                  d={`M${xOf(at, begin)} 0V${HEIGHT}`}
                />
              )}
            </svg>
          </div>
          <div class="plot-times quiet">
            <span>5 min ago</span>
            <span>now</span>
          </div>
        </>
      )}
    </figure>
  );
}

function Legend(
  { series, at, text }: {
    readonly series: readonly Series[];
    readonly at: number | undefined;
    readonly text: (value: number) => string;
  },
): JSX.Element {
  return (
    <p class="plot-legend">
      {series.map(({ name, points, look }) => {
        const point = at === undefined ? points.at(-1) : nearest(points, at);
        const value = point?.value ?? null;
        return (
          <span key={name}>
            <i class={`${look}-key`}></i>
            <b class="number">{value === null ? "–" : text(value)}</b>{" "}
            <span class="quiet">{name}</span>
          </span>
        );
      })}
    </p>
  );
}

/** The point at a time; none where the page has not looked. */
function nearest(points: readonly Point[], at: number): Point | undefined {
  const near = points.filter((point) => Math.abs(point.at - at) < NEAR_MS);
  return near.reduce<Point | undefined>(
    (best, point) =>
      best === undefined || Math.abs(point.at - at) < Math.abs(best.at - at)
        ? point
        : best,
    undefined,
  );
}

function spoken(
  title: string,
  series: readonly Series[],
  text: (value: number) => string,
): string {
  const parts = series.map(({ name, points }) => {
    const values = points.flatMap(({ value }) => value === null ? [] : [value]);
    const last = points.at(-1)?.value ?? null;
    return last === null
      ? `${name}: nothing now`
      : `${name}: ${text(last)} now, at most ${text(Math.max(...values))}`;
  });
  return `${title} in the last 5 minutes. ${parts.join("; ")}`;
}

/** Without a line where there is no value. */
function lineOf(
  points: readonly Point[],
  { begin, max }: { readonly begin: number; readonly max: number },
): string {
  let isDown = false;
  const parts: string[] = [];
  for (const { at, value } of points) {
    if (value === null || at < begin) {
      isDown = false;
      continue;
    }
    const y = HEIGHT - 1 - value / max * (HEIGHT - 4);
    parts.push(`${isDown ? "L" : "M"}${xOf(at, begin)} ${y.toFixed(1)}`);
    // A lone point is a short line.
    if (!isDown) parts.push("h.1");
    isDown = true;
  }
  return parts.join("");
}

function xOf(at: number, begin: number): string {
  return ((at - begin) / WINDOW_MS * WIDTH).toFixed(1);
}

/** The next of 1, 2 and 5 times a power of ten. */
export function niceMax(max: number): number {
  if (max <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(max));
  const step = [1, 2, 5, 10].find((step) => step * power >= max) ?? 10;
  return step * power;
}
