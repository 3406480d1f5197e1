/**
 * Where the states and transitions of a machine stand in a small picture of it.
 *
 * @module
 */
import dagre from "@dagrejs/dagre";
import type { KnownMachine } from "./instance.ts";

/** The height of a state, and of what is written on a transition. */
export const STATE_HEIGHT = 32;
const LABEL_HEIGHT = 16;

/** About how wide a letter is, in the units of the picture. */
const LETTER_WIDTH = 7;

/** Letters of a name before it is cut. */
const LETTERS_MAX = 24;

/** A point of the picture. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** A state; `x` and `y` are its middle. */
export interface DrawnState extends Point {
  readonly name: string;
  readonly text: string;
  readonly width: number;
}

/** A transition, and the middle of what is written on it. */
export interface DrawnTransition extends Point {
  readonly name: string;
  readonly text: string;
  /** An SVG path. */
  readonly line: string;
}

/** A machine, drawn. */
export interface DrawnMachine {
  readonly width: number;
  readonly height: number;
  readonly states: readonly DrawnState[];
  readonly transitions: readonly DrawnTransition[];
}

/** Draws from top to bottom, as instances go. */
export function drawMachine(
  { states, transitions }: Pick<KnownMachine, "states" | "transitions">,
): DrawnMachine {
  const layout = new dagre.graphlib.Graph({ multigraph: true });
  layout.setGraph({
    ...{ rankdir: "TB", nodesep: 28, edgesep: 16, ranksep: 28 },
    ...{ marginx: 12, marginy: 12 },
  });
  for (const name of Object.keys(states)) {
    const width = widthOf(name) + 34;
    layout.setNode(name, { width, height: STATE_HEIGHT });
  }
  const ways = Object.entries(transitions)
    .filter(([, { fromState, toState }]) =>
      fromState in states && toState in states
    );
  for (const [name, { fromState, toState }] of ways) {
    const label = { width: widthOf(name), height: LABEL_HEIGHT, labelpos: "c" };
    layout.setEdge(fromState, toState, label, name);
  }
  dagre.layout(layout);
  const { width = 0, height = 0 } = layout.graph();
  return {
    ...{ width, height },
    states: Object.keys(states).map((name) => {
      const { x, y, width } = layout.node(name);
      return { ...{ name, x, y, width }, text: shortened(name) };
    }),
    transitions: ways.map(([name, { fromState, toState }]) => {
      const { points, x, y } = layout.edge(fromState, toState, name);
      const line = lineThrough(points);
      return { ...{ name, line, x, y }, text: shortened(name) };
    }),
  };
}

function widthOf(name: string): number {
  return shortened(name).length * LETTER_WIDTH;
}

function shortened(name: string): string {
  return name.length > LETTERS_MAX
    ? `${name.slice(0, LETTERS_MAX - 1)}…`
    : name;
}

/** A line that goes smoothly past the points between its ends. */
function lineThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const last = rest.at(-1) ?? first;
  const between = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    const isEnd = index === rest.length - 2;
    const end = isEnd
      ? next
      : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(end)}`;
  });
  const way = between.length === 0 ? `L${at(last)}` : between.join(" ");
  return `M${at(first)} ${way}`;
}

function at({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
