/**
 * The time of a run: a lane for each step and attempt, and a play head that moves
 * over them from entry to entry.
 *
 * @module
 */
import type { JSX, TargetedPointerEvent } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { lengthText, timeText } from "../parts/time.ts";
import { atOrBefore } from "./changes.ts";
import { textOf } from "./entry_text.ts";
import type { Lane } from "./lanes.ts";
import type { RunLook } from "./run_look.ts";
import { TimeAxis } from "./time_axis.ts";
import { LaneRow } from "./lane_row.tsx";
import { useWindow } from "./virtual.ts";

/** How high a lane is, in pixels; the style sheet says the same. */
const LANE_PX = 26;

/** Entries that a page key goes over. */
const PAGE_ENTRIES = 10;

/** What the timeline is of. */
export interface RunTimelineProps {
  readonly look: RunLook;
  /** The index of the entry that is looked at. */
  readonly at: number;
  readonly onAt: (at: number) => void;
  /** The path of the step that is looked at. */
  readonly step?: string | undefined;
  readonly onStep?: (path: string) => void;
}

/** The scale, the lanes, and the play head. */
export function RunTimeline(props: RunTimelineProps): JSX.Element {
  const { look: { past, lanes, turn }, at, step, onStep } = props;
  const axis = useMemo(() => axisOf(props.look), [past, turn]);
  const rows = useWindow({
    ...{ count: lanes.length, rowHeight: LANE_PX },
    row: laneAt(lanes, at),
  });
  const head = useRef<HTMLDivElement>(null);
  const isNow = at >= past.last && !past.isOver;
  const x = isNow ? 1 : axis.toX(timeAt(props.look, at));
  const drag = useDrag(props, axis, head);
  return (
    <div class="timeline">
      <div class="timeline-scale" aria-hidden="true" {...drag}>
        <Scale axis={axis} />
      </div>
      <div class="timeline-lanes" ref={rows.box} tabIndex={-1}>
        <ol
          class="timeline-rows"
          aria-label="Steps and attempts"
          style={{ height: `${rows.height}px` }}
        >
          {lanes.slice(rows.first, rows.end).map((lane, index) => (
            <LaneRow
              key={`${lane.path} ${lane.attempt}`}
              lane={lane}
              axis={axis}
              turn={turn}
              top={(rows.first + index) * LANE_PX}
              isSelected={lane.path === step}
              isCurrent={lane.first <= at &&
                (lane.last === undefined || at <= lane.last)}
              onStep={onStep}
            />
          ))}
        </ol>
      </div>
      <div class="timeline-over">
        <div class="timeline-track" ref={head}>
          {axis.breaks.map(({ x, xEnd, from }) => (
            <div
              key={from}
              class="timeline-break"
              style={{ left: percent(x), width: percent(xEnd - x) }}
            >
            </div>
          ))}
          <div class="timeline-future" style={{ left: percent(x) }}></div>
          <PlayHead {...props} x={x} drag={drag} />
        </div>
      </div>
    </div>
  );
}

function Scale({ axis }: { readonly axis: TimeAxis }): JSX.Element {
  return (
    <>
      {axis.ticks().map(({ ms, x }) => (
        <span key={ms} class="tick" style={{ left: percent(x) }}>
          {ms === 0 ? "0" : lengthText(ms)}
        </span>
      ))}
      {axis.breaks.map(({ from, to, x, xEnd }) => (
        <span
          key={`break ${from}`}
          class="tick tick-break"
          style={{ left: percent(x), width: percent(xEnd - x) }}
        >
          {lengthText(to - from)}
        </span>
      ))}
    </>
  );
}

/** What moves the head by hand. */
type Drag = Readonly<
  Record<
    "onPointerDown" | "onPointerMove" | "onPointerUp",
    (event: TargetedPointerEvent<HTMLDivElement>) => void
  >
>;

/** The handle: a slider for those who use the keyboard. */
function PlayHead(
  { look, at, onAt, x, drag }: RunTimelineProps & {
    readonly x: number;
    readonly drag: Drag;
  },
): JSX.Element {
  const { past } = look;
  const entry = past.entries[at];
  const { what = "", about = "" } = entry === undefined ? {} : textOf(entry);
  const move = (event: KeyboardEvent) => {
    const to = movedTo(event.key, at, past.last);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onAt(to);
  };
  return (
    <div
      class="play-head"
      role="slider"
      tabIndex={0}
      aria-label="Play head"
      aria-valuemin={0}
      aria-valuemax={past.last}
      aria-valuenow={at}
      aria-valuetext={`Entry ${at + 1} of ${past.entries.length}: ` +
        `${what} ${about}, ${timeText(entry?.at ?? 0)}`}
      title="Drag, or ← → from entry to entry, Home and End"
      style={{ left: percent(x) }}
      onKeyDown={move}
      {...drag}
    >
    </div>
  );
}

/** Where a key moves the play head; `undefined` if it is none of its keys. */
export function movedTo(
  key: string,
  at: number,
  last: number,
): number | undefined {
  const to = {
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    PageUp: at - PAGE_ENTRIES,
    PageDown: at + PAGE_ENTRIES,
    Home: 0,
    End: last,
  }[key];
  return to === undefined ? undefined : Math.min(last, Math.max(0, to));
}

/** Moves the head with the pointer, to the last entry that is not later. */
function useDrag(
  { look, at, onAt }: RunTimelineProps,
  axis: TimeAxis,
  track: { readonly current: HTMLDivElement | null },
): Drag {
  const { past, turn } = look;
  const times = useMemo(() => past.entries.map((entry) => entry.at), [turn]);
  const wanted = useRef<number>(undefined);
  const latest = useRef({ at, onAt });
  latest.current = { at, onAt };
  const follow = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    const isFirst = wanted.current === undefined;
    wanted.current = axis.toMs((event.clientX - box.left) / box.width);
    // A pointer tells more often than there are frames.
    if (!isFirst) return;
    requestAnimationFrame(() => {
      const ms = wanted.current ?? 0;
      wanted.current = undefined;
      const to = Math.max(0, atOrBefore(times, ms));
      if (to !== latest.current.at) latest.current.onAt(to);
    });
  };
  return {
    onPointerDown(event) {
      event.currentTarget.setPointerCapture(event.pointerId);
      follow(event);
    },
    onPointerMove(event) {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
    },
    onPointerUp(event) {
      event.currentTarget.releasePointerCapture(event.pointerId);
    },
  };
}

function axisOf({ past, lanes }: RunLook): TimeAxis {
  const from = past.entries[0]?.at ?? 0;
  const to = lanes.reduce(
    (end, { segments }) => Math.max(end, segments.at(-1)?.to ?? end),
    past.entries.at(-1)?.at ?? from,
  );
  return new TimeAxis(lanes, from, to);
}

function timeAt({ past }: RunLook, at: number): number {
  return past.entries[at]?.at ?? 0;
}

/** The last lane that had begun; -1 if none had. */
function laneAt(lanes: readonly Lane[], at: number): number {
  return lanes.findLastIndex(({ first, last }) =>
    last === at || (first <= at && last === undefined)
  );
}

function percent(part: number): string {
  return `${part * 100}%`;
}
