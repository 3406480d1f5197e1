/**
 * Very many cards from afar: chips and lines on one picture, which is drawn anew
 * for each frame that needs it. Chips can be dragged and chosen as cards can.
 *
 * @module
 */
import { type Edge, type Node, useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "preact/hooks";
import { CARD, type Place } from "./arrange.ts";
import { boxAround, heldBy } from "./boxes.ts";
import { colour } from "./colours.ts";
import { pictureOf, type Seen } from "./picture.ts";

/** From so many cards on they are drawn when seen from afar. */
export const DRAWN_FROM = 150;

/** Below this zoom. */
export const DRAWN_ZOOM = 0.4;

/** Below this zoom names could not be read. */
const NAMES_ZOOM = 0.18;

/** What is drawn, and what is told. */
export interface DrawnLayerProps {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** The token of a card's hue. */
  readonly hueOf: (node: Node) => string;
  readonly onMove: (places: Readonly<Record<string, Place>>) => void;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
}

export function DrawnLayer(props: DrawnLayerProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const present = useRef(props);
  present.current = props;
  const redraw = useRef(() => {});
  const flow = useReactFlow();
  const store = useStoreApi();
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const places = new Map<string, Place>();
    const picture = pictureOf(element, {
      store,
      // A chip that is dragged draws all of it.
      margin: 0,
      draw: (context, seen) =>
        draw(context, seen, { ...present.current, places }),
    });
    redraw.current = picture.redraw;
    const endDrag = listen(element, {
      at: (event) => flow.screenToFlowPosition({ x: event.x, y: event.y }),
      props: () => present.current,
      places,
      redraw: picture.redraw,
    });
    return () => {
      picture.end();
      endDrag();
    };
  }, []);
  useEffect(() => redraw.current());
  return <canvas ref={canvas} class="drawn" aria-hidden="true" />;
}

function draw(
  context: CanvasRenderingContext2D,
  { left, top, right, bottom, zoom }: Seen,
  { nodes, edges, hueOf, places }: DrawnLayerProps & {
    readonly places: ReadonlyMap<string, Place>;
  },
): void {
  const at = new Map(
    nodes.map(({ id, position }) => [id, places.get(id) ?? position]),
  );
  for (const node of nodes) outline(context, node, at, zoom);
  lines(context, edges, at);
  for (const node of nodes) {
    if (heldBy(node).length > 0) continue;
    const place = at.get(node.id) ?? node.position;
    const isSeen = place.x < right && place.y < bottom &&
      place.x + CARD.width > left && place.y + CARD.height > top;
    if (isSeen) chip(context, node, { place, zoom, hue: hueOf(node) });
  }
}

function lines(
  context: CanvasRenderingContext2D,
  edges: readonly Edge[],
  at: ReadonlyMap<string, Place>,
): void {
  context.strokeStyle = colour("line-strong");
  context.lineWidth = 4;
  context.beginPath();
  for (const { source, target } of edges) {
    const [from, to] = [at.get(source), at.get(target)];
    if (!from || !to) continue;
    context.moveTo(from.x + CARD.width, from.y + CARD.height / 2);
    context.lineTo(to.x, to.y + CARD.height / 2);
  }
  context.stroke();
}

/** A box behind the chips that it holds. */
function outline(
  context: CanvasRenderingContext2D,
  node: Node,
  at: ReadonlyMap<string, Place>,
  zoom: number,
): void {
  const held = heldBy(node).flatMap((id) => at.get(id) ?? []);
  if (held.length === 0) return;
  const { x, y, width, height } = boxAround(held);
  context.fillStyle = colour("sunken");
  context.strokeStyle = colour(node.selected ? "accent" : "line-strong");
  context.lineWidth = node.selected ? 10 : 3;
  context.beginPath();
  context.roundRect(x, y, width, height, 14);
  context.fill();
  context.stroke();
  if (zoom < NAMES_ZOOM) return;
  context.fillStyle = colour("ink-2");
  context.font = `600 30px ${colour("font")}`;
  context.textBaseline = "middle";
  context.fillText(String(node.data.title), x + 20, y + 28, width - 40);
}

function chip(
  context: CanvasRenderingContext2D,
  { id, selected, data }: Node,
  { place: { x, y }, zoom, hue }: {
    readonly place: Place;
    readonly zoom: number;
    readonly hue: string;
  },
): void {
  context.fillStyle = colour("raised");
  context.strokeStyle = colour(selected ? "accent" : "line-strong");
  context.lineWidth = selected ? 10 : 3;
  context.beginPath();
  context.roundRect(x, y, CARD.width, CARD.height, 14);
  context.fill();
  context.stroke();
  context.fillStyle = colour(hue);
  context.beginPath();
  context.roundRect(x + 10, y + 10, 22, CARD.height - 20, 8);
  context.fill();
  if (zoom < NAMES_ZOOM) return;
  context.fillStyle = colour("ink");
  context.font = `600 30px ${colour("font")}`;
  context.textBaseline = "middle";
  context.fillText(
    String(data.title ?? id),
    x + 44,
    y + CARD.height / 2,
    CARD.width - 54,
  );
}

/** What dragging needs to know. */
interface Dragging {
  readonly at: (event: MouseEvent) => Place;
  readonly props: () => DrawnLayerProps;
  /** Where chips are that are being dragged. */
  readonly places: Map<string, Place>;
  readonly redraw: () => void;
}

/** Takes what happens on a chip, before the pane takes it for itself. */
function listen(
  canvas: HTMLCanvasElement,
  { at, props, places, redraw }: Dragging,
): () => void {
  const parent = canvas.parentElement ?? canvas;
  function begin(event: MouseEvent): void {
    const isOnCanvas = (event.target as Element).closest(".react-flow__pane");
    if (event.button !== 0 || !isOnCanvas) return;
    const start = at(event);
    const hit = props().nodes.findLast(({ position: { x, y }, data }) =>
      heldBy({ data }).length === 0 && start.x >= x &&
      start.x <= x + CARD.width &&
      start.y >= y && start.y <= y + CARD.height
    );
    if (hit === undefined) return;
    event.stopPropagation();
    event.preventDefault();
    props().onSelect(new Set([hit.id]));
    const { position } = hit;
    function move(event: MouseEvent): void {
      const { x, y } = at(event);
      places.set(hit?.id ?? "", {
        x: position.x + x - start.x,
        y: position.y + y - start.y,
      });
      redraw();
    }
    function end(): void {
      removeEventListener("mousemove", move);
      removeEventListener("mouseup", end);
      if (places.size === 0) return;
      const all = props().nodes.map(({ id, position }) => [
        id,
        places.get(id) ?? position,
      ]);
      places.clear();
      props().onMove(Object.fromEntries(all));
    }
    addEventListener("mousemove", move);
    addEventListener("mouseup", end);
  }
  // The pane would begin to pan with either of them.
  const keep = (event: Event) => begin(event as MouseEvent);
  parent.addEventListener("mousedown", keep, { capture: true });
  return () => parent.removeEventListener("mousedown", keep, { capture: true });
}
