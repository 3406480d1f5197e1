/**
 * One lane of the timeline. It is drawn again only if something of it changes: a
 * play head passes thousands of them.
 *
 * @module
 */
import type { JSX } from "preact";
import { memo } from "preact/compat";
import { lengthText } from "../parts/time.ts";
import type { Lane, Segment } from "./lanes.ts";
import type { TimeAxis } from "./time_axis.ts";

const NAMES: Readonly<Record<Segment["kind"], string>> = {
  assignment: "Assignment",
  execution: "Execution",
  waiting: "Waiting",
  transition: "Transition",
};

/** What a row shows. */
export interface LaneRowProps {
  readonly lane: Lane;
  readonly axis: TimeAxis;
  /** Changes with what the lane holds. */
  readonly turn: number;
  readonly top: number;
  readonly isSelected: boolean;
  readonly isCurrent: boolean;
  readonly onStep?: ((path: string) => void) | undefined;
}

/** See the module comment. */
export const LaneRow = memo(function LaneRow(props: LaneRowProps): JSX.Element {
  const { lane, axis, top, isSelected, isCurrent, onStep } = props;
  const { path, attempt, attempts, segments } = lane;
  const name = attempts > 1 ? `${path} · attempt ${attempt}` : path;
  return (
    <li
      class={`lane${isSelected ? " selected" : ""}${
        isCurrent ? " current" : ""
      }`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <button
        type="button"
        class="lane-name"
        title={name}
        tabIndex={-1}
        onClick={() => onStep?.(path)}
      >
        <bdi>{name}</bdi>
      </button>
      <div class="lane-track">
        {segments.map((segment, index) => {
          const { kind, tone, from, to } = segment;
          const x = axis.toX(from);
          return (
            <i
              key={index}
              class={`segment ${kind} tone-${tone}`}
              title={`${NAMES[kind]}: ${lengthText(to - from)}`}
              style={{
                left: `${x * 100}%`,
                width: `${(axis.toX(to) - x) * 100}%`,
              }}
            >
            </i>
          );
        })}
      </div>
    </li>
  );
});
