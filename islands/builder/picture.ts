/**
 * A picture that covers the canvas. While what is seen moves, the picture is moved
 * with it, for as long as it reaches; then it is drawn anew.
 *
 * @module
 */
import type { useStoreApi } from "@xyflow/react";
import { onTheme } from "./colours.ts";

/** What is drawn, in the measure of the canvas. */
export interface Seen {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly zoom: number;
}

/** A picture that is kept up. */
export interface Picture {
  /** Draws it with the next frame. */
  readonly redraw: () => void;
  readonly end: () => void;
}

/** Where the origin of the canvas is, and its zoom, as React Flow has them. */
type Transform = readonly [x: number, y: number, zoom: number];

/** After this time without a move it is drawn as sharp as it can be. */
const REST_MS = 150;

/** A picture that is stretched more than this shows how it is made. */
const STRETCH_MAX = 2;

/**
 * Keeps a picture up.
 *
 * @param margin How far it reaches beyond what is seen, in pixels: the farther, the
 * rarer it is drawn, and the longer that takes.
 * @param draw In the measure of the canvas.
 */
export function pictureOf(
  element: HTMLCanvasElement,
  { store, margin, draw }: {
    readonly store: ReturnType<typeof useStoreApi>;
    readonly margin: number;
    readonly draw: (context: CanvasRenderingContext2D, seen: Seen) => void;
  },
): Picture {
  const { style } = element;
  style.inset = `${-margin}px`;
  style.width = style.height = `calc(100% + ${2 * margin}px)`;
  style.transformOrigin = `${margin}px ${margin}px`;
  let drawn: Transform | undefined;
  let frame = 0;
  let rest: ReturnType<typeof setTimeout> | undefined;
  const redraw = () => {
    clearTimeout(rest);
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      const context = element.getContext("2d");
      if (context === null) return;
      drawn = store.getState().transform;
      style.transform = "";
      draw(context, clear(context, drawn, margin));
    });
  };
  const follow = (now: Transform, view: View) => {
    if (drawn === undefined || !reaches(drawn, now, { ...view, margin })) {
      return redraw();
    }
    const { x, y, scale } = moved(drawn, now);
    style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    clearTimeout(rest);
    rest = setTimeout(redraw, REST_MS);
  };
  const leave = store.subscribe(({ transform, width, height }, before) => {
    if (transform !== before.transform) follow(transform, { width, height });
  });
  const size = new ResizeObserver(redraw);
  size.observe(element);
  const forget = onTheme(redraw);
  return {
    redraw,
    end: () => {
      clearTimeout(rest);
      cancelAnimationFrame(frame);
      leave();
      forget();
      size.disconnect();
    },
  };
}

/** What is seen, in pixels. */
interface View {
  readonly width: number;
  readonly height: number;
}

/** How a picture that was drawn for one view is moved to fit another. */
export function moved(drawn: Transform, now: Transform) {
  const scale = now[2] / drawn[2];
  return { x: now[0] - drawn[0] * scale, y: now[1] - drawn[1] * scale, scale };
}

/** Whether a picture that was drawn for one view still covers another. */
export function reaches(
  drawn: Transform,
  now: Transform,
  { width, height, margin }: View & { readonly margin: number },
): boolean {
  const { x, y, scale } = moved(drawn, now);
  if (scale > STRETCH_MAX || scale < 1 / STRETCH_MAX) return false;
  return x - margin * scale <= 0 && y - margin * scale <= 0 &&
    x + (width + margin) * scale >= width &&
    y + (height + margin) * scale >= height;
}

/** Makes it empty and as large as its place. @returns what is drawn on it. */
function clear(
  context: CanvasRenderingContext2D,
  [x, y, zoom]: Transform,
  margin: number,
): Seen {
  const { canvas } = context;
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio;
  if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
    canvas.width = width * ratio;
    canvas.height = height * ratio;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const [left, top] = [x + margin, y + margin];
  context.setTransform(
    ...[zoom * ratio, 0, 0, zoom * ratio] as const,
    ...[left * ratio, top * ratio] as const,
  );
  return {
    ...{ left: -left / zoom, right: (width - left) / zoom },
    ...{ top: -top / zoom, bottom: (height - top) / zoom },
    zoom,
  };
}
