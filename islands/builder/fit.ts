/**
 * Shows all cards at once, also those that are drawn as a picture.
 *
 * @module
 */
import {
  getViewportForBounds,
  type Node,
  useReactFlow,
  useStoreApi,
} from "@xyflow/react";
import { CARD, type Place, type Size } from "./arrange.ts";

/** How near and how far one may look. */
export const ZOOM = { min: 0.05, max: 2 } as const;

/** Space around, as a part of what is seen. */
const PADDING = 0.12;

/** Gives what moves the view so that all cards are in it. */
export function useFitAll(nodes: readonly Node[]): () => void {
  const { setViewport } = useReactFlow();
  const store = useStoreApi();
  return () => {
    if (nodes.length === 0) return;
    const { width, height } = store.getState();
    void setViewport(
      getViewportForBounds(
        boundsOf(nodes),
        ...[width, height] as const,
        ...[ZOOM.min, 1, PADDING] as const,
      ),
    );
  };
}

/** What holds all cards; there is at least one. */
export function boundsOf(nodes: readonly Node[]): Place & Size {
  const x = least(nodes.map(({ position }) => position.x));
  const y = least(nodes.map(({ position }) => position.y));
  const right = -least(
    nodes.map((node) => -node.position.x - sizeOf(node).width),
  );
  const bottom = -least(
    nodes.map((node) => -node.position.y - sizeOf(node).height),
  );
  return { x, y, width: right - x, height: bottom - y };
}

/** The size of a node: that of a card, if it says nothing else. */
export function sizeOf({ width, height }: Node): Size {
  return { width: width ?? CARD.width, height: height ?? CARD.height };
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.min(one, other));
}
