/**
 * Places very many cards in layers, in time that grows with their number: whoever
 * comes first stands left, and cards stand near those that they are tied to.
 *
 * @module
 */
import type { Place, Shape, Size } from "./arrange.ts";

/** Sweeps over the layers that bring tied cards nearer. */
const SWEEPS = 4;

/** Cards of one column; a layer with more of them has several. */
const COLUMN_MAX = 40;

/** Places the ends of all ties. @param cellOf Its size with the space around. */
export function inLayers(
  ties: Shape["ties"],
  cellOf: (name: string) => Size,
): Readonly<Record<string, Place>> {
  const columns = ordered(layersOf(ties), ties).flatMap(columnsOf);
  const heights = columns.map((names) =>
    names.reduce((sum, name) => sum + cellOf(name).height, 0)
  );
  const tallest = Math.max(...heights);
  const places: Record<string, Place> = {};
  let x = 0;
  for (const [index, names] of columns.entries()) {
    let y = (tallest - (heights[index] ?? 0)) / 2;
    for (const name of names) {
      places[name] = { x, y };
      y += cellOf(name).height;
    }
    x += Math.max(...names.map((name) => cellOf(name).width));
  }
  return places;
}

/** The ends of ties, each once. */
export function namesOf(ties: Shape["ties"]): ReadonlySet<string> {
  return new Set(ties.flatMap(([from, to]) => [from, to]));
}

function columnsOf(layer: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(layer.length / COLUMN_MAX);
  return Array.from(
    { length: count },
    (_, index) => layer.slice(index * COLUMN_MAX, (index + 1) * COLUMN_MAX),
  );
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
