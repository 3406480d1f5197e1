/**
 * The whole canvas in a corner, with what is seen of it: a press there goes there, and
 * the wheel zooms. It is one picture, however many cards there are.
 *
 * @module
 */
import { type Node, useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Place, Size } from "./arrange.ts";
import { heldBy } from "./boxes.ts";
import { colour, onTheme } from "./colours.ts";
import { boundsOf, sizeOf } from "./fit.ts";

/** As the style sheet has it. */
const MAP: Size = { width: 132, height: 84 };

/** Space around the cards. */
const MARGIN = 5;

/** Cards are never smaller than this. */
const LEAST = 1.5;

/** How much nearer one unit of the wheel goes, as on the canvas. */
const WHEEL = 0.002;

/** How the canvas is brought onto the map. */
export interface MapScale {
  readonly factor: number;
  /** Where the origin of the canvas is on the map. */
  readonly origin: Place;
}

/** The largest scale at which all is on the map, in its middle. */
export function mapScale({ x, y, width, height }: Place & Size): MapScale {
  const factor = Math.min(
    (MAP.width - 2 * MARGIN) / width,
    (MAP.height - 2 * MARGIN) / height,
  );
  return {
    factor,
    origin: {
      x: (MAP.width - width * factor) / 2 - x * factor,
      y: (MAP.height - height * factor) / 2 - y * factor,
    },
  };
}

/** The place on the canvas that a point of the map stands for. */
export function placeAt(point: Place, { factor, origin }: MapScale): Place {
  return { x: (point.x - origin.x) / factor, y: (point.y - origin.y) / factor };
}

export function SmallMap({ nodes }: { readonly nodes: readonly Node[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const seen = useRef<HTMLDivElement>(null);
  const store = useStoreApi();
  const scale = useMemo(() => mapScale(boundsOf(nodes)), [nodes]);
  useEffect(() => {
    const show = () => {
      if (seen.current) frame(seen.current, store.getState(), scale);
    };
    show();
    return store.subscribe(show);
  }, [scale]);
  useEffect(() => {
    const again = () => {
      if (canvas.current) draw(canvas.current, nodes, scale);
    };
    again();
    return onTheme(again);
  }, [nodes, scale]);
  return (
    <div
      class="map"
      role="img"
      aria-label={`Map of ${nodes.length.toLocaleString("en")} ${
        nodes.length === 1 ? "card" : "cards"
      }`}
      {...useMoves(scale)}
    >
      <canvas ref={canvas} />
      <div ref={seen} class="seen" />
    </div>
  );
}

/** What the pointer does on the map. */
function useMoves(scale: MapScale) {
  const { setCenter, zoomTo, getZoom } = useReactFlow();
  const go = ({ clientX, clientY, currentTarget }: PointerEvent) => {
    const { left, top } = (currentTarget as Element).getBoundingClientRect();
    const point = { x: clientX - left, y: clientY - top };
    const { x, y } = placeAt(point, scale);
    void setCenter(x, y, { zoom: getZoom() });
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      go(event);
    },
    onPointerMove: (event: PointerEvent) => {
      if (event.buttons === 1) go(event);
    },
    onWheel: (event: WheelEvent) => {
      event.preventDefault();
      void zoomTo(getZoom() * 2 ** (-event.deltaY * WHEEL));
    },
  };
}

/** Puts the frame around what is seen. */
function frame(
  element: HTMLElement,
  { transform: [x, y, zoom], width, height }: {
    readonly transform: readonly [number, number, number];
    readonly width: number;
    readonly height: number;
  },
  { factor, origin }: MapScale,
): void {
  const { style } = element;
  const [left, top] = [
    origin.x - x / zoom * factor,
    origin.y - y / zoom * factor,
  ];
  style.transform = `translate(${left}px, ${top}px)`;
  style.width = `${width / zoom * factor}px`;
  style.height = `${height / zoom * factor}px`;
}

function draw(
  canvas: HTMLCanvasElement,
  nodes: readonly Node[],
  { factor, origin }: MapScale,
): void {
  const ratio = devicePixelRatio;
  canvas.width = MAP.width * ratio;
  canvas.height = MAP.height * ratio;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(ratio, ratio);
  for (const node of nodes) {
    const { position } = node;
    const { width, height } = sizeOf(node);
    context.fillStyle = colour(hueOf(node));
    context.fillRect(
      position.x * factor + origin.x,
      position.y * factor + origin.y,
      Math.max(LEAST, width * factor),
      Math.max(LEAST, height * factor),
    );
  }
}

/** What holds cards is behind them; what has problems is seen from afar. */
function hueOf(node: Node): string {
  if (heldBy(node).length > 0) return "line";
  if (node.selected) return "accent";
  return Number(node.data.problems ?? 0) > 0 ? "fail" : "line-strong";
}
