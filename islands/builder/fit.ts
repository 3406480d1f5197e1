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
import { CARD } from "./arrange.ts";

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
    const [x, y] = [
      least(nodes.map(({ position }) => position.x)),
      least(nodes.map(({ position }) => position.y)),
    ];
    const [right, bottom] = [
      -least(nodes.map((node) => -node.position.x - widthOf(node))),
      -least(nodes.map((node) => -node.position.y - heightOf(node))),
    ];
    const bounds = { ...{ x, y }, width: right - x, height: bottom - y };
    const { width, height } = store.getState();
    void setViewport(
      getViewportForBounds(bounds, width, height, ZOOM.min, 1, PADDING),
    );
  };
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.min(one, other));
}

function widthOf({ width = CARD.width }: Node): number {
  return width;
}

function heightOf({ height = CARD.height }: Node): number {
  return height;
}
