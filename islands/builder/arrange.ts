/**
 * Places cards from left to right, along their ties.
 *
 * @module
 */
import dagre from "@dagrejs/dagre";
import type { Graph } from "./graph.ts";

/** A place on the canvas, in its units. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** What is to be placed. */
export interface Shape {
  readonly names: readonly string[];
  /** From, to. */
  readonly ties: readonly (readonly [string, string])[];
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

/** Places every card. Those without ties come below the others, in rows. */
export function arrange(
  { names, ties }: Shape,
): Readonly<Record<string, Place>> {
  const layout = new dagre.graphlib.Graph();
  layout.setGraph({ rankdir: "LR", nodesep: GAP.y, ranksep: GAP.along });
  layout.setDefaultEdgeLabel(() => ({}));
  const tied = new Set(ties.flat());
  for (const name of names) {
    if (tied.has(name)) layout.setNode(name, { ...CARD });
  }
  for (const [from, to] of ties) layout.setEdge(from, to);
  dagre.layout(layout);
  const places: Record<string, Place> = {};
  let bottom = 0;
  for (const name of layout.nodes()) {
    const { x, y } = layout.node(name);
    places[name] = { x: x - CARD.width / 2, y: y - CARD.height / 2 };
    bottom = Math.max(bottom, y + CARD.height / 2);
  }
  const alone = names.filter((name) => !tied.has(name));
  const perRow = Math.max(3, Math.ceil(Math.sqrt(alone.length)));
  const start = { x: 0, y: tied.size === 0 ? 0 : bottom + 2 * GAP.y };
  return { ...places, ...inRows(alone, start, perRow) };
}

/** Keeps what has a place; arranges all if nothing has, else puts the rest below. */
export function placed(
  shape: Shape,
  kept: Readonly<Record<string, Place>>,
): Readonly<Record<string, Place>> {
  const { names } = shape;
  const missing = names.filter((name) => !(name in kept));
  if (missing.length === 0) return kept;
  if (missing.length === names.length) return arrange(shape);
  const there = names.flatMap((name) => kept[name] ?? []);
  const start = {
    x: Math.min(...there.map(({ x }) => x)),
    y: Math.max(...there.map(({ y }) => y)) + CARD.height + GAP.y,
  };
  return { ...kept, ...inRows(missing, start, 5) };
}

function inRows(
  names: readonly string[],
  start: Place,
  perRow: number,
): Readonly<Record<string, Place>> {
  return Object.fromEntries(names.map((name, index) => [name, {
    x: start.x + (index % perRow) * (CARD.width + GAP.x),
    y: start.y + Math.floor(index / perRow) * (CARD.height + GAP.y),
  }]));
}

/** An edge is drawn the way that data goes: who depends on another comes later. */
export function ends(
  kind: string,
  source: string,
  target: string,
): readonly [string, string] {
  return kind === "dependsOn" ? [target, source] : [source, target];
}
