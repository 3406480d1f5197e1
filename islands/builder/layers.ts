/**
 * Places very many cards in layers, in time that grows with their number: whoever
 * comes first stands left, and cards stand near those that they are tied to.
 *
 * @module
 */
import type { Place, Shape } from "./arrange.ts";

/** Sweeps over the layers that bring tied cards nearer. */
const SWEEPS = 4;

/** Cards of one column; a layer with more of them has several. */
const COLUMN_MAX = 40;

/** The size of a card with the space around it. */
export interface Cell {
  readonly width: number;
  readonly height: number;
}

/** Places the ends of all ties. */
export function inLayers(
  ties: Shape["ties"],
  cell: Cell,
): Readonly<Record<string, Place>> {
  const layers = ordered(layersOf(ties), ties);
  const tallest = Math.min(
    COLUMN_MAX,
    Math.max(...layers.map(({ length }) => length)),
  );
  const places: Record<string, Place> = {};
  let column = 0;
  for (const layer of layers) {
    for (let start = 0; start < layer.length; start += COLUMN_MAX) {
      const names = layer.slice(start, start + COLUMN_MAX);
      const top = (tallest - names.length) / 2;
      for (const [row, name] of names.entries()) {
        places[name] = { x: column * cell.width, y: (top + row) * cell.height };
      }
      column++;
    }
  }
  return places;
}

/** The ends of ties, each once. */
export function namesOf(ties: Shape["ties"]): ReadonlySet<string> {
  return new Set(ties.flatMap(([from, to]) => [from, to]));
}

/** Each name as far right as the longest way to it; circles are cut open. */
function layersOf(ties: Shape["ties"]): string[][] {
  const next = Map.groupBy(ties, ([from]) => from);
  const depths = new Map<string, number>();
  const open = new Set<string>();
  const names = namesOf(ties);
  const order: string[] = [];
  // By hand instead of by recursion: a chain may be long.
  for (const start of names) {
    const stack = [{ name: start, isLeft: false }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { name, isLeft } = top;
      if (isLeft) {
        order.push(name);
        open.delete(name);
        continue;
      }
      if (depths.has(name)) continue;
      depths.set(name, 0);
      open.add(name);
      stack.push({ name, isLeft: true });
      for (const [, to] of next.get(name) ?? []) {
        if (!depths.has(to)) stack.push({ name: to, isLeft: false });
      }
    }
  }
  const rank = new Map(order.reverse().map((name, index) => [name, index]));
  for (const name of order) {
    for (const [, to] of next.get(name) ?? []) {
      // What leads back in the order closes a circle.
      if ((rank.get(to) ?? 0) <= (rank.get(name) ?? 0)) continue;
      const depth = (depths.get(name) ?? 0) + 1;
      if (depth > (depths.get(to) ?? 0)) depths.set(to, depth);
    }
  }
  const layers: string[][] = [];
  for (const [name, depth] of depths) (layers[depth] ??= []).push(name);
  return Array.from(layers, (layer) => layer ?? []);
}

/** Each layer in the order of the places that its cards are tied to. */
function ordered(layers: string[][], ties: Shape["ties"]): string[][] {
  const into = Map.groupBy(ties, ([, to]) => to);
  const out = Map.groupBy(ties, ([from]) => from);
  const at = new Map<string, number>();
  const note = (layer: readonly string[]) =>
    layer.forEach((name, index) => at.set(name, index / layer.length));
  layers.forEach(note);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    for (const layer of isForward ? layers : layers.toReversed()) {
      const means = new Map(layer.map((name) => {
        const tied = isForward
          ? (into.get(name) ?? []).map(([from]) => from)
          : (out.get(name) ?? []).map(([, to]) => to);
        const places = tied.map((one) => at.get(one) ?? 0);
        const mean = places.length === 0
          ? at.get(name) ?? 0
          : places.reduce((sum, place) => sum + place, 0) / places.length;
        return [name, mean];
      }));
      layer.sort((one, other) =>
        (means.get(one) ?? 0) - (means.get(other) ?? 0)
      );
      note(layer);
    }
  }
  return layers;
}
