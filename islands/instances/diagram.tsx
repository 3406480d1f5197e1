/**
 * A small picture of the machine: where the instance is, and the way that it has
 * come. Whoever does not see it has the history.
 *
 * @module
 */
import type { JSX } from "preact";
import { useId, useMemo } from "preact/hooks";
import { Scroll } from "../parts/scroll.tsx";
import { drawMachine, type DrawnState, STATE_HEIGHT } from "./diagram_shape.ts";
import { kindOf, type KnownMachine, type WholeInstance } from "./instance.ts";

/** See the module comment. */
export function Diagram(
  { instance, machine }: {
    readonly instance: WholeInstance;
    readonly machine: KnownMachine;
  },
): JSX.Element {
  const { state, history } = instance;
  const text = JSON.stringify([machine.states, machine.transitions]);
  const drawn = useMemo(() => drawMachine(machine), [text]);
  const seen = new Set(history.map(({ toState }) => toState));
  const taken = Map.groupBy(history, ({ transition }) => transition);
  const name = `State machine ${machine.definition}: the instance is in ` +
    `${state}, and has been in ${[...seen].join(", ")}`;
  return (
    <Scroll label="State machine">
      <svg
        class="machine-diagram"
        role="img"
        aria-label={name}
        width={drawn.width}
        height={drawn.height}
        viewBox={`0 0 ${drawn.width} ${drawn.height}`}
      >
        {drawn.transitions.map(({ name, line }) => (
          <Way key={name} line={line} isTaken={taken.has(name)} />
        ))}
        {drawn.transitions.map(({ name, text, x, y }) => {
          const times = taken.get(name)?.length ?? 0;
          return (
            <text
              key={name}
              class={times > 0 ? "taken" : undefined}
              x={x}
              y={y}
            >
              {times > 1 ? `${text} ×${times}` : text}
              <title>{name}</title>
            </text>
          );
        })}
        {drawn.states.map((each) => (
          <State
            key={each.name}
            drawn={each}
            kind={kindOf(machine, each.name)}
            isSeen={seen.has(each.name)}
            isPresent={each.name === state}
          />
        ))}
      </svg>
    </Scroll>
  );
}

function Way(
  { line, isTaken }: { readonly line: string; readonly isTaken: boolean },
): JSX.Element {
  const id = useId();
  return (
    <g class={isTaken ? "way taken" : "way"}>
      <marker
        id={id}
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerUnits="userSpaceOnUse"
        markerWidth="9"
        markerHeight="9"
        orient="auto"
      >
        <path d="M0 0 8 4 0 8z" />
      </marker>
      <path class="line" d={line} marker-end={`url(#${id})`} />
    </g>
  );
}

function State(
  { drawn: { name, text, x, y, width }, kind, isSeen, isPresent }: {
    readonly drawn: DrawnState;
    readonly kind: ReturnType<typeof kindOf>;
    readonly isSeen: boolean;
    readonly isPresent: boolean;
  },
): JSX.Element {
  const classes = ["place", kind, isSeen && "seen", isPresent && "present"];
  return (
    <g class={classes.filter(Boolean).join(" ")}>
      <rect
        x={x - width / 2}
        y={y - STATE_HEIGHT / 2}
        width={width}
        height={STATE_HEIGHT}
        rx={kind === "final" || kind === "error" ? STATE_HEIGHT / 2 : 8}
      />
      <text x={x} y={y}>
        {isPresent ? `● ${text}` : text}
        <title>{name}</title>
      </text>
    </g>
  );
}
