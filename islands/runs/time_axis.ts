/**
 * The axis of the timeline: true to scale, but for long times in which nothing is
 * done, which are drawn short and say how long they were.
 *
 * @module
 */
import { search } from "./changes.ts";
import type { Lane } from "./lanes.ts";

/** Which part of the time that is drawn to scale a shortened one takes at most. */
const SHORT_PART_MAX = 0.35;

/** How much all shortened times take together, as a part of what is to scale. */
const SHORT_PARTS_MAX = 0.8;

/** How much longer than the rest a time must be to be drawn short. */
const LONG_TIMES = 3;

/** How many ticks there are, about. */
const TICKS = 6;

/** How close ticks may come, as a part of the axis. */
const TICK_PART_MIN = 0.09;

/** A piece of the axis: `x` is from 0 to 1. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly x: number;
  readonly xEnd: number;
  readonly isShort: boolean;
}

/** A mark, in milliseconds from the beginning. */
export interface Tick {
  readonly ms: number;
  readonly x: number;
}

/** See the module comment. */
export class TimeAxis {
  readonly pieces: readonly Piece[];

  constructor(lanes: readonly Lane[], from: number, to: number) {
    this.pieces = piecesOf(
      gapsOf(lanes, from, to),
      from,
      Math.max(to, from + 1),
    );
  }

  /** The times that are drawn short. */
  get breaks(): readonly Piece[] {
    return this.pieces.filter(({ isShort }) => isShort);
  }

  /** How long it takes to see it all at the speed at which it happened. */
  get shownMs(): number {
    const scale = this.pieces.find(({ isShort }) => !isShort);
    if (scale === undefined) return 1;
    return (scale.to - scale.from) / (scale.xEnd - scale.x || 1);
  }

  /** Where a time is, from 0 to 1. */
  toX(ms: number): number {
    const piece = this.#piece(({ to }) => to < ms);
    const part = (ms - piece.from) / (piece.to - piece.from || 1);
    return piece.x + clamp(part) * (piece.xEnd - piece.x);
  }

  /** The time at a place. */
  toMs(x: number): number {
    const piece = this.#piece(({ xEnd }) => xEnd < x);
    const part = (x - piece.x) / (piece.xEnd - piece.x || 1);
    return piece.from + clamp(part) * (piece.to - piece.from);
  }

  ticks(): readonly Tick[] {
    const begin = this.pieces[0]?.from ?? 0;
    const ticks: Tick[] = [];
    for (const { from, to, x, xEnd, isShort } of this.pieces) {
      if (isShort) continue;
      const step = niceStep((to - from) / (TICKS * (xEnd - x) || 1));
      const first = Math.ceil((from - begin) / step);
      for (let n = first; begin + n * step <= to; n++) {
        const tick = { ms: n * step, x: this.toX(begin + n * step) };
        const isFree = this.breaks.every((each) =>
          tick.x < each.x - TICK_PART_MIN / 2 ||
          tick.x > each.xEnd + TICK_PART_MIN / 2
        );
        const gap = tick.x - (ticks.at(-1)?.x ?? -1);
        if (isFree && gap >= TICK_PART_MIN && tick.x < 0.97) ticks.push(tick);
      }
    }
    return ticks;
  }

  /** The first piece that does not end before a place. */
  #piece(endsBefore: (piece: Piece) => boolean): Piece {
    const { pieces } = this;
    const index = search(pieces.length, (each) => {
      const piece = pieces[each];
      return piece !== undefined && endsBefore(piece);
    }) + 1;
    return pieces[index] ?? pieces.at(-1) ?? WHOLE;
  }
}

const WHOLE: Piece = { from: 0, to: 1, x: 0, xEnd: 1, isShort: false };

interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Times between the first and the last in which nothing is done. */
function gapsOf(lanes: readonly Lane[], from: number, to: number): Gap[] {
  const busy = lanes.flatMap(({ segments }) =>
    segments.filter(({ kind }) => kind === "execution")
  ).sort((a, b) => a.from - b.from);
  const gaps: Gap[] = [];
  let end = from;
  for (const segment of busy) {
    if (segment.from > end) gaps.push({ from: end, to: segment.from });
    end = Math.max(end, segment.to);
  }
  if (to > end) gaps.push({ from: end, to });
  return gaps;
}

function piecesOf(gaps: readonly Gap[], from: number, to: number): Piece[] {
  const idle = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const busy = Math.max(to - from - idle, 1);
  const long = idle < to - from ? longOf(gaps, busy) : [];
  const scaled = to - from -
    long.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const part = Math.min(SHORT_PART_MAX, SHORT_PARTS_MAX / (long.length || 1));
  const short = part * scaled;
  const whole = scaled + short * long.length;
  const pieces: Piece[] = [];
  let [at, x] = [from, 0];
  const add = (end: number, width: number, isShort: boolean) => {
    if (end <= at) return;
    const xEnd = x + width / whole;
    pieces.push({ from: at, to: end, x, xEnd, isShort });
    [at, x] = [end, xEnd];
  };
  for (const gap of long) {
    add(gap.from, gap.from - at, false);
    add(gap.to, short, true);
  }
  add(to, to - at, false);
  return pieces;
}

/** Those that are much longer than all that is to scale. */
function longOf(gaps: readonly Gap[], busyMs: number): readonly Gap[] {
  let scaled = busyMs;
  const lengths = gaps.map(({ from, to }) => to - from).sort((a, b) => a - b);
  for (const length of lengths) {
    if (length > LONG_TIMES * scaled) {
      return gaps.filter(({ from, to }) => to - from >= length);
    }
    scaled += length;
  }
  return [];
}

/** 1, 2 or 5 of a power of ten; of seconds and more, what clocks have. */
function niceStep(ms: number): number {
  const clock = CLOCK_STEPS.find((step) => step >= ms);
  if (ms >= 1_000 && clock !== undefined) return clock;
  const power = 10 ** Math.floor(Math.log10(Math.max(ms, 1)));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= ms) ??
    10 * power;
}

const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600]
  .concat([2, 3, 6, 12, 24, 48, 168].map((hours) => hours * 3_600))
  .map((seconds) => seconds * 1_000);

function clamp(part: number): number {
  return Math.min(1, Math.max(0, part));
}
