/**
 * Places cards from left to right, along their ties.
 *
 * @module
 */
import dagre from "@dagrejs/dagre";
import type { Graph } from "./graph.ts";
import { inLayers, namesOf } from "./layers.ts";

/** A place on the canvas, in its units. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** How large something is, in units of the canvas. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What is to be placed. */
export interface Shape {
  readonly names: readonly string[];
  /** From, to, and what stands on it if that needs space. */
  readonly ties: readonly (readonly [string, string, string?])[];
  /** Of what is not as large as a card. */
  readonly sizes?: Readonly<Record<string, Size>>;
}

/** The size of a card, which the style sheet gives it. */
export const CARD = { width: 216, height: 84 } as const;

/** Space between cards. */
const GAP = { x: 32, y: 28, along: 96 } as const;

/** The shape of a graph of modules. */
export function shapeOf({ modules, edges }: Graph): Shape {
  return {
    names: modules.map(({ name }) => name),
    ties: edges.map(({ kind, source, target }) => ends(kind, source, target)),
  };
}

/**
 * Places every card. What hangs together is placed by itself; the parts, and then
 * what has no ties, fill rows of about the shape of a screen.
 */
export function arrange(
  { names, ties, sizes = {} }: Shape,
): Readonly<Record<string, Place>> {
  const known = new Set(names);
  const real = ties.filter(([from, to]) => known.has(from) && known.has(to));
  const parts = partsOf(real).map((part) => arrangePart(part, sizes))
    .toSorted((one, other) => other.height - one.height);
  const area = parts.reduce(
    (sum, { width, height }) => sum + width * height,
    0,
  );
  const widest = Math.max(0, ...parts.map(({ width }) => width));
  const rowWidth = Math.max(widest, Math.sqrt(area * SCREEN_RATIO));
  const places: Record<string, Place> = {};
  let [x, y, rowHeight] = [0, 0, 0];
  for (const part of parts) {
    if (x > 0 && x + part.width > rowWidth) {
      [x, y, rowHeight] = [0, y + rowHeight + 2 * GAP.y, 0];
    }
    for (const [name, place] of Object.entries(part.places)) {
      places[name] = { x: x + place.x, y: y + place.y };
    }
    x += part.width + 2 * GAP.x;
    rowHeight = Math.max(rowHeight, part.height);
  }
  const tied = namesOf(real);
  const alone = names.filter((name) => !tied.has(name));
  const perRow = Math.max(3, Math.ceil(Math.sqrt(alone.length * SCREEN_RATIO)));
  const bottom = parts.length === 0 ? 0 : y + rowHeight + 2 * GAP.y;
  return { ...places, ...inRows(alone, { x: 0, y: bottom }, perRow, sizes) };
}

/** What stands in the middle of a tie, and about how wide a letter of it is. */
const LABEL = { height: 12, labelpos: "c" } as const;
const LETTER_WIDTH = 7;

/** How much wider than high a picture should be. */
const SCREEN_RATIO = 1.6;

type Sizes = NonNullable<Shape["sizes"]>;

/** Cards that hang together, where they are, and how large that is. */
interface Part extends Size {
  readonly places: Readonly<Record<string, Place>>;
}

/** The ties that hang together. */
function partsOf(ties: Shape["ties"]): readonly Shape["ties"][] {
  const leaders = new Map<string, string>();
  const leaderOf = (name: string): string => {
    let leader = name;
    for (let next = leaders.get(leader); next !== undefined;) {
      leader = next;
      next = leaders.get(leader);
    }
    return leader;
  };
  for (const [from, to] of ties) {
    const [one, other] = [leaderOf(from), leaderOf(to)];
    if (one !== other) leaders.set(one, other);
  }
  const parts = Map.groupBy(ties, ([from]) => leaderOf(from));
  return [...parts.values()];
}

/** From so many cards on, a part is placed in layers, which is a lot quicker. */
const LAYERS_FROM = 120;

function arrangePart(ties: Shape["ties"], sizes: Sizes): Part {
  const names = namesOf(ties);
  if (names.size >= LAYERS_FROM) return arrangeLarge(ties, sizes);
  const layout = new dagre.graphlib.Graph();
  layout.setGraph({ rankdir: "LR", nodesep: GAP.y, ranksep: GAP.along });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const name of names) layout.setNode(name, { ...sizes[name] ?? CARD });
  for (const [from, to, label = ""] of ties) {
    layout.setEdge(from, to, { ...LABEL, width: label.length * LETTER_WIDTH });
  }
  dagre.layout(layout);
  const places: Record<string, Place> = {};
  for (const name of layout.nodes()) {
    const { x, y, width, height } = layout.node(name);
    places[name] = { x: x - width / 2, y: y - height / 2 };
  }
  const { width = 0, height = 0 } = layout.graph();
  return { places, width, height };
}

function arrangeLarge(ties: Shape["ties"], sizes: Sizes): Part {
  const sizeOf = (name: string) => sizes[name] ?? CARD;
  const places = inLayers(ties, (name) => {
    const { width, height } = sizeOf(name);
    return { width: width + GAP.along, height: height + GAP.y };
  });
  const all = Object.entries(places);
  return {
    places,
    width: Math.max(...all.map(([name, { x }]) => x + sizeOf(name).width)),
    height: Math.max(...all.map(([name, { y }]) => y + sizeOf(name).height)),
  };
}

/** Keeps what has a place; arranges all if nothing has, else puts the rest below. */
export function placed(
  shape: Shape,
  kept: Readonly<Record<string, Place>>,
): Readonly<Record<string, Place>> {
  const { names, sizes = {} } = shape;
  const missing = names.filter((name) => !(name in kept));
  if (missing.length === 0) return kept;
  if (missing.length === names.length) return arrange(shape);
  const there = names.flatMap((name) => {
    const place = kept[name];
    return place ? [{ ...CARD, ...sizes[name], ...place }] : [];
  });
  const start = {
    x: Math.min(...there.map(({ x }) => x)),
    y: Math.max(...there.map(({ y, height }) => y + height)) + GAP.y,
  };
  return { ...kept, ...inRows(missing, start, 5, sizes) };
}

function inRows(
  names: readonly string[],
  start: Place,
  perRow: number,
  sizes: Sizes,
): Readonly<Record<string, Place>> {
  const places: Record<string, Place> = {};
  let { x, y } = start;
  let tallest = 0;
  for (const [index, name] of names.entries()) {
    if (index > 0 && index % perRow === 0) {
      [x, y, tallest] = [start.x, y + tallest + GAP.y, 0];
    }
    places[name] = { x, y };
    const { width, height } = sizes[name] ?? CARD;
    x += width + GAP.x;
    tallest = Math.max(tallest, height);
  }
  return places;
}

/** An edge is drawn the way that data goes: who depends on another comes later. */
export function ends(
  kind: string,
  source: string,
  target: string,
): readonly [string, string] {
  return kind === "dependsOn" ? [target, source] : [source, target];
}
