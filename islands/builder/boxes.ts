/**
 * Boxes around cards. A box has no size of its own: it is as large as what it
 * holds, and takes that along when it is moved.
 *
 * @module
 */
import type { Node, NodeChange } from "@xyflow/react";
import { CARD, type Place, placed, type Shape, type Size } from "./arrange.ts";

/** What a box leaves around what it holds; its title stands on top. */
export const PADDING = { top: 52, side: 20, bottom: 20 } as const;

/** What is left between boxes that would lie on each other otherwise. */
const GAP = 24;

/** Where some things are, by their names. */
export type Places = Readonly<Record<string, Place>>;

/** What each box holds, by the name of the box. */
export type Holds = Readonly<Record<string, readonly string[]>>;

/** The box around cards, of which there is at least one. */
export function boxAround(
  cards: readonly (Place & Partial<Size>)[],
): Place & Size {
  const all = cards.map((card) => ({ ...CARD, ...card }));
  const x = Math.min(...all.map((card) => card.x)) - PADDING.side;
  const y = Math.min(...all.map((card) => card.y)) - PADDING.top;
  const right = Math.max(...all.map((card) => card.x + card.width));
  const bottom = Math.max(...all.map((card) => card.y + card.height));
  return {
    ...{ x, y },
    width: right + PADDING.side - x,
    height: bottom + PADDING.bottom - y,
  };
}

/** The ids of what a node holds; none, if it is no box. */
export function heldBy({ data }: Pick<Node, "data">): readonly string[] {
  return (data.holds ?? []) as readonly string[];
}

/** Changes with those of what the moved boxes hold. */
export function takenAlong(
  changes: readonly NodeChange[],
  nodes: readonly Node[],
): NodeChange[] {
  const isBox = nodes.some((node) => heldBy(node).length > 0);
  if (!isBox) return [...changes];
  const known = new Map(nodes.map((node) => [node.id, node]));
  const moved = new Set(
    changes.flatMap((change) => change.type === "position" ? [change.id] : []),
  );
  return changes.flatMap((change) => {
    const box = change.type === "position" ? known.get(change.id) : undefined;
    if (change.type !== "position" || box === undefined) return [change];
    const { x, y } = change.position ?? box.position;
    const held = heldBy(box).flatMap((id): NodeChange[] => {
      const position = known.get(id)?.position;
      // What is chosen beside its box moves by itself.
      if (position === undefined || moved.has(id)) return [];
      return [{
        ...{ id, type: "position" },
        position: {
          x: position.x + x - box.position.x,
          y: position.y + y - box.position.y,
        },
        ...change.dragging === undefined ? {} : { dragging: change.dragging },
      }];
    });
    return [change, ...held];
  });
}

/** The same nodes, each box around what it holds. */
export function fitted(nodes: Node[]): Node[] {
  if (!nodes.some((node) => heldBy(node).length > 0)) return nodes;
  const places = new Map(nodes.map(({ id, position }) => [id, position]));
  return nodes.map((node) => {
    const held = heldBy(node).flatMap((id) => places.get(id) ?? []);
    if (held.length === 0) return node;
    const { x, y, width, height } = boxAround(held);
    const isSame = x === node.position.x && y === node.position.y &&
      width === node.width && height === node.height;
    return isSame ? node : {
      ...node,
      ...{ position: { x, y }, width, height, measured: { width, height } },
    };
  });
}

/**
 * Places cards, those that a box holds inside of it, and the boxes.
 *
 * @param kept Where somebody has put them; in a box from the corner of that.
 */
export function placedInBoxes(
  shape: Shape,
  holds: Holds,
  kept: Places = {},
): Places {
  const holders = new Map(
    Object.entries(holds).flatMap(([box, names]) =>
      names.map((name) => [name, box] as const)
    ),
  );
  const holderOf = (name: string) => holders.get(name) ?? name;
  const inner = Object.fromEntries(
    Object.entries(holds).map(([box, names]) => {
      const own = new Set(names);
      const ties = shape.ties.filter(([from, to]) =>
        own.has(from) && own.has(to)
      );
      return [box, fromCorner(placed({ names, ties }, only(kept, names)))];
    }),
  );
  const sizes = Object.fromEntries(
    Object.entries(inner).map(([box, places]) => {
      const { width, height } = boxAround(Object.values(places));
      return [box, { width, height }];
    }),
  );
  const names = [...new Set(shape.names.map(holderOf))];
  const outer = { names, ties: lifted(shape.ties, holderOf), sizes };
  const places = spread(placed(outer, only(kept, names)), sizes);
  return Object.fromEntries(
    names.flatMap((name) => {
      const { x = 0, y = 0 } = places[name] ?? {};
      const held = Object.entries(inner[name] ?? {}).map(([card, place]) =>
        [card, { x: x + place.x, y: y + place.y }] as const
      );
      return [[name, { x, y }] as const, ...held];
    }),
  );
}

/** Places as they are kept: those of what a box holds from its corner. */
export function keptFromCorner(holds: Holds, places: Places): Places {
  const kept: Record<string, Place> = { ...places };
  for (const [box, names] of Object.entries(holds)) {
    const corner = places[box];
    for (const name of names) {
      const place = places[name];
      if (!corner || !place) continue;
      kept[name] = { x: place.x - corner.x, y: place.y - corner.y };
    }
  }
  return kept;
}

/** Ties between what holds their ends, each once, none to itself. */
function lifted(
  ties: Shape["ties"],
  holderOf: (name: string) => string,
): Shape["ties"] {
  const all = new Map<string, readonly [string, string]>();
  for (const [from, to] of ties) {
    const tie = [holderOf(from), holderOf(to)] as const;
    if (tie[0] !== tie[1]) all.set(JSON.stringify(tie), tie);
  }
  return [...all.values()];
}

/** Moves what lies on another to the right or down, as little as needed. */
function spread(
  places: Places,
  sizes: Readonly<Record<string, Size>>,
): Places {
  const boxes: { name: string; x: number; y: number }[] = [];
  const sizeOf = (name: string) => sizes[name] ?? CARD;
  // Where nothing is larger than a card, it stands as somebody has put it.
  if (Object.keys(sizes).length === 0) return places;
  const order = Object.entries(places).toSorted(([, one], [, other]) =>
    one.x - other.x || one.y - other.y
  );
  for (const [name, place] of order) {
    const { width, height } = sizeOf(name);
    const box = { name, ...place };
    const under = () =>
      boxes.find((other) => {
        const size = sizeOf(other.name);
        // Cards beside boxes may lie on each other.
        const isBox = name in sizes || other.name in sizes;
        return isBox && box.x < other.x + size.width &&
          other.x < box.x + width &&
          box.y < other.y + size.height && other.y < box.y + height;
      });
    for (let other = under(); other !== undefined; other = under()) {
      const size = sizeOf(other.name);
      const right = other.x + size.width + GAP;
      const below = other.y + size.height + GAP;
      if (right - box.x < below - box.y) box.x = right;
      else box.y = below;
    }
    boxes.push(box);
  }
  return Object.fromEntries(boxes.map(({ name, x, y }) => [name, { x, y }]));
}

/** Places from the corner of the box around them. */
function fromCorner(places: Places): Places {
  const { x, y } = boxAround(Object.values(places));
  return Object.fromEntries(
    Object.entries(places).map(([name, place]) => [name, {
      x: place.x - x,
      y: place.y - y,
    }]),
  );
}

function only(places: Places, names: readonly string[]): Places {
  return Object.fromEntries(
    names.flatMap((name) => {
      const place = places[name];
      return place ? [[name, place]] : [];
    }),
  );
}
