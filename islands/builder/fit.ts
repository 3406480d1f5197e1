/**
 * What the view shows: all cards at once, also those that are drawn as a picture,
 * or the first ones of many.
 *
 * @module
 */
import {
  getViewportForBounds,
  type Node,
  useReactFlow,
  useStoreApi,
  type Viewport,
} from "@xyflow/react";
import { CARD, type Place, type Size } from "./arrange.ts";

/** How near and how far one may look. */
export const ZOOM = { min: 0.05, max: 2 } as const;

/** Space around, as a part of what is seen. */
const PADDING = 0.12;

/** Below this zoom a card is an icon and a name. */
export const FAR_ZOOM = 0.6;

/** What a view is to show. */
type Shown = (nodes: readonly Node[], size: Size) => Viewport;

/** Gives what moves the view so that all cards are in it. */
export function useFitAll(nodes: readonly Node[]): () => void {
  return useView(nodes, allOf);
}

/** Gives what moves the view so that it shows something; there may be no cards. */
export function useView(nodes: readonly Node[], shown: Shown): () => void {
  const { setViewport } = useReactFlow();
  const store = useStoreApi();
  return () => {
    if (nodes.length === 0) return;
    const { width, height } = store.getState();
    void setViewport(shown(nodes, { width, height }));
  };
}

/** All cards. */
export function allOf(nodes: readonly Node[], size: Size): Viewport {
  const { width, height } = size;
  return getViewportForBounds(
    boundsOf(nodes),
    ...[width, height] as const,
    ...[ZOOM.min, 1, PADDING] as const,
  );
}

/** How near the first cards are where not all can be read. */
const BEGINNING_ZOOM = 0.8;

/** All cards, or else as many as can be read, from the first one on. */
export function beginningOf(nodes: readonly Node[], size: Size): Viewport {
  const all = allOf(nodes, size);
  const [first] = nodes.toSorted((a, b) => a.position.x - b.position.x);
  if (first === undefined || all.zoom >= FAR_ZOOM) return all;
  const { position: { x, y } } = first;
  const middle = y + sizeOf(first).height / 2;
  return {
    x: size.width * PADDING / 2 - x * BEGINNING_ZOOM,
    y: size.height / 2 - middle * BEGINNING_ZOOM,
    zoom: BEGINNING_ZOOM,
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
