/**
 * Draws latencies over offered rates as an SVG that reads on light and dark.
 *
 * @module
 */

/** What was measured at one offered rate. */
export interface Latency {
  /** Runs a second that were offered, and that were done. */
  readonly offered: number;
  readonly done: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const WIDTH = 720;
const HEIGHT = 360;
const LEFT = 64;
const RIGHT = 96;
const TOP = 24;
const BOTTOM = 48;
const LINES = [
  { name: "p99", color: "#c2410c", side: -1 },
  { name: "p50", color: "#2563eb", side: 1 },
] as const;
const GREY = "#808080";
/** The least distance between the names of two lines. */
const NAME_APART = 16;

/** Both axes are logarithmic. */
export function latencyPlot(measured: readonly Latency[]): string {
  const rates = measured.map(({ offered }) => offered);
  const x = scale(rates, [LEFT, WIDTH - RIGHT]);
  const times = measured.flatMap(({ p50, p99 }) => [p50, p99]);
  const y = scale([1, ...times], [HEIGHT - BOTTOM, TOP]);
  const last = measured.at(-1);
  // Names of lines that end close to each other must not cover each other.
  const apart = last === undefined
    ? 0
    : Math.max(0, NAME_APART - (y.at(last.p50) - y.at(last.p99))) / 2;
  const parts = [
    ...y.ticks.map((ms) =>
      line([LEFT, y.at(ms)], [WIDTH - RIGHT, y.at(ms)]) +
      text(`${ms} ms`, [LEFT - 8, y.at(ms) + 4], "end")
    ),
    ...x.ticks.map((rate) =>
      line([x.at(rate), TOP], [x.at(rate), HEIGHT - BOTTOM]) +
      text(rate.toLocaleString("en"), [x.at(rate), HEIGHT - BOTTOM + 20])
    ),
    text("runs offered a second", [(LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8]),
    ...LINES.map(({ name, color, side }) => {
      const points = measured.map((each) => [
        x.at(each.offered),
        y.at(each[name]),
      ]);
      const [lastX = 0, lastY = 0] = points.at(-1) ?? [];
      const path = points.map(([px = 0, py = 0]) =>
        `${round(px)},${round(py)}`
      );
      return `<polyline points="${path.join(" ")}" fill="none" ` +
        `stroke="${color}" stroke-width="2"/>` +
        `<text x="${round(lastX + 8)}" y="${
          round(lastY + 4 + side * apart)
        }" ` +
        `fill="${color}" font-weight="600">${name}</text>`;
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `font-family="sans-serif" font-size="12" role="img">\n` +
    "<title>Latency of durable runs at each offered rate</title>\n" +
    `${parts.join("\n")}\n</svg>\n`;
}

type Point = readonly [x: number, y: number];

function scale(values: readonly number[], [from, to]: Point) {
  const low = Math.log10(Math.min(...values));
  const high = Math.log10(Math.max(...values));
  const at = (value: number) =>
    from + (to - from) * (Math.log10(value) - low) / (high - low);
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const digit of [1, 2, 5]) {
      const value = digit * 10 ** power;
      const place = Math.log10(value);
      if (place >= low - 1e-9 && place <= high + 1e-9) ticks.push(value);
    }
  }
  return { at, ticks };
}

function line([x1, y1]: Point, [x2, y2]: Point): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" ` +
    `y2="${round(y2)}" stroke="${GREY}" stroke-opacity="0.3"/>`;
}

function text(content: string, [x, y]: Point, anchor = "middle"): string {
  return `<text x="${round(x)}" y="${round(y)}" fill="${GREY}" ` +
    `text-anchor="${anchor}">${content}</text>`;
}

function round(value: number): string {
  return value.toFixed(1);
}
