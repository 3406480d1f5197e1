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
    const [xs, ys] = [
      nodes.map(({ position }) => position.x),
      nodes.map(({ position }) => position.y),
    ];
    const [x, y] = [least(xs), least(ys)];
    const bounds = {
      ...{ x, y },
      width: -least(xs.map((one) => -one)) - x + CARD.width,
      height: -least(ys.map((one) => -one)) - y + CARD.height,
    };
    const { width, height } = store.getState();
    void setViewport(
      getViewportForBounds(bounds, width, height, ZOOM.min, 1, PADDING),
    );
  };
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.min(one, other));
}
