/**
 * What is behind very many cards, as one picture: the dots, and all ties as lines.
 * Most ties in view end somewhere else, and nobody can tell what they tie: only those
 * that end in view are drawn over it as ties that can be chosen, and have a label.
 *
 * @module
 */
import { type Edge, type Node, useStoreApi } from "@xyflow/react";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { CARD, type Place } from "./arrange.ts";
import { colour } from "./colours.ts";
import { pictureOf, type Seen } from "./picture.ts";

/** Between two dots, in the measure of the canvas. */
export const DOTS = { gap: 20, size: 1.2 } as const;

/** Dots are never nearer to each other than this, in pixels. */
const GAP_MIN = 14;

/** How far beyond what is seen it is drawn, in pixels. */
const MARGIN = 240;

export function Backdrop({ nodes, edges }: {
  readonly nodes: readonly Node[];
  /** Those that are drawn as lines. */
  readonly edges: readonly Edge[];
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  const redraw = useRef(() => {});
  const present = useRef<Lines>({ edges, at: new Map() });
  present.current = useMemo(() => linesOf(nodes, edges), [nodes, edges]);
  useEffect(() => {
    if (canvas.current === null) return;
    const picture = pictureOf(canvas.current, {
      store,
      margin: MARGIN,
      draw: (context, seen) => {
        dots(context, seen);
        lines(context, seen, present.current);
      },
    });
    redraw.current = picture.redraw;
    return picture.end;
  }, []);
  useEffect(() => redraw.current(), [nodes, edges]);
  return <canvas ref={canvas} class="backdrop" aria-hidden="true" />;
}

/** A card that is chosen may be on its way elsewhere: its ties are left out. */
function linesOf(nodes: readonly Node[], edges: readonly Edge[]): Lines {
  const resting = nodes.filter(({ selected }) => !selected);
  const at = new Map(resting.map(({ id, position }) => [id, position]));
  return { edges, at };
}

interface Lines {
  readonly edges: readonly Edge[];
  readonly at: ReadonlyMap<string, Place>;
}

function dots(
  context: CanvasRenderingContext2D,
  { left, top, right, bottom, zoom }: Seen,
): void {
  let gap: number = DOTS.gap;
  while (gap * zoom < GAP_MIN) gap *= 2;
  context.fillStyle = colour("dot");
  for (let y = Math.floor(top / gap) * gap; y < bottom; y += gap) {
    for (let x = Math.floor(left / gap) * gap; x < right; x += gap) {
      context.fillRect(x, y, DOTS.size, DOTS.size);
    }
  }
}

function lines(
  context: CanvasRenderingContext2D,
  part: Seen,
  { edges, at }: Lines,
): void {
  context.strokeStyle = colour("line");
  context.lineWidth = 1 / part.zoom;
  context.beginPath();
  for (const { source, target } of edges) {
    const [from, to] = [at.get(source), at.get(target)];
    if (!from || !to) continue;
    const [x, y] = [from.x + CARD.width, from.y + CARD.height / 2];
    const [right, bottom] = [to.x, to.y + CARD.height / 2];
    const reach = reachOf(right - x);
    const isBeside = Math.max(x + reach, right) < part.left ||
      Math.min(x, right - reach) > part.right ||
      Math.max(y, bottom) < part.top || Math.min(y, bottom) > part.bottom;
    if (isBeside) continue;
    context.moveTo(x, y);
    context.bezierCurveTo(
      ...[x + reach, y] as const,
      ...[right - reach, bottom] as const,
      ...[right, bottom] as const,
    );
  }
  context.stroke();
}

/** How far a line goes straight on, as React Flow's curves do. */
function reachOf(distance: number): number {
  return distance >= 0 ? distance / 2 : 6.25 * Math.sqrt(-distance);
}
