/**
 * Where there are many cards, React Flow is given those that are in view, with their
 * ties: the others would take time with each move, and nobody sees them.
 *
 * @module
 */
import { type Edge, type Node, useStore as useFlow } from "@xyflow/react";
import { useMemo } from "preact/hooks";
import type { Seen } from "./picture.ts";
import { hasSame } from "./steady.ts";

/** What is in view, of cards and ties. */
export interface InView {
  /** The cards in view, those at the other end of their ties, and the chosen. */
  readonly nodes: readonly Node[];
  /** Ties that end in view. */
  readonly edges: readonly Edge[];
}

/** Sorts out what is in view; where there is little, all of it counts as that. */
export function useInView(
  { nodes, edges, isMany }: InView & { readonly isMany: boolean },
): InView {
  const seen = useFlow(
    ({ transform: [x, y, zoom], width, height }): readonly string[] =>
      isMany
        ? idsIn(nodes, {
          left: -x / zoom,
          top: -y / zoom,
          right: (width - x) / zoom,
          bottom: (height - y) / zoom,
        })
        : NONE,
    hasSame,
  );
  const ending = useMemo(() => {
    const ids = new Set(seen);
    return isMany
      ? edges.filter(({ source, target }) => ids.has(source) || ids.has(target))
      : edges;
  }, [edges, seen, isMany]);
  const ids = useMemo(
    () =>
      new Set([
        ...seen,
        ...ending.flatMap(({ source, target }) => [source, target]),
      ]),
    [seen, ending],
  );
  const near = useMemo(
    () =>
      isMany
        // What is chosen is moved together, wherever it is.
        ? nodes.filter(({ id, selected }) => selected || ids.has(id))
        : nodes,
    [nodes, ids, isMany],
  );
  return { nodes: near, edges: ending };
}

const NONE: readonly string[] = [];

function idsIn(
  nodes: readonly Node[],
  part: Omit<Seen, "zoom">,
): readonly string[] {
  return nodes
    .filter(({ position: { x, y }, width = 0, height = 0 }) =>
      x < part.right && y < part.bottom && x + width > part.left &&
      y + height > part.top
    )
    .map(({ id }) => id);
}
