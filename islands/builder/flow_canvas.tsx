/**
 * A canvas of cards and ties, whatever they stand for: zoom, drag, choose, tie.
 *
 * @module
 */
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  type Edge,
  type EdgeChange,
  type Node,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore as useFlow,
  type Viewport,
} from "@xyflow/react";
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { CARD, type Place } from "./arrange.ts";
import { Backdrop, DOTS } from "./backdrop.tsx";
import { fitted, takenAlong } from "./boxes.ts";
import { useSteadyFunction } from "../parts/steady_function.ts";
import { useStore } from "./context.ts";
import { DRAWN_FROM, DRAWN_ZOOM, DrawnLayer } from "./drawn_layer.tsx";
import { allOf, beginningOf, FAR_ZOOM, useView, ZOOM } from "./fit.ts";
import { useInView } from "./in_view.ts";
import { SmallMap } from "./small_map.tsx";
import { TieEdge } from "./tie_edge.tsx";
import { Tools } from "./tools.tsx";
import { viewText } from "./views.ts";

/** What is drawn, and what is told. */
export interface FlowCanvasProps {
  /** What it shows, for those who hear it. */
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** The component of each type of node. */
  readonly nodeTypes: Readonly<Record<string, unknown>>;
  /** Two cards are to be tied; absent where nothing can be. */
  readonly onConnect?: ((connection: Connection) => void) | undefined;
  /** All places, after some cards were moved. */
  readonly onMove: (places: Readonly<Record<string, Place>>) => void;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
  readonly onSelectEdge: (id: string) => void;
  readonly onTidy: () => void;
  /** One comes after the other: the first ones are seen first. */
  readonly isSequence?: boolean;
  /** Something was dropped at a place. */
  readonly onDrop?: (event: DragEvent, place: Place) => void;
  /** The id of a card that is to be brought into view; it is taken. */
  readonly sought?: Signal<string | undefined>;
  /** The token of a card's hue, where cards are drawn from afar. */
  readonly hueOf?: (node: Node) => string;
  /** More tools at the foot. */
  readonly tools?: ComponentChildren;
  readonly children?: ComponentChildren;
}

const NOTHING: never[] = [];

const OPTIONS = { hideAttribution: true };

const EDGE_TYPES = { tie: TieEdge as never };

/** Of more ties than this none moves: what they carry is seen by their colour. */
const MOVING_MAX = 200;

export function FlowCanvas(props: FlowCanvasProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow(props: FlowCanvasProps) {
  const { name, nodeTypes, onSelect } = props;
  const edges = useMemo(() => props.edges.map(reachable), [props.edges]);
  const { kept, keep } = useKeptViewport();
  const shown = useShownNodes(props);
  const isFar = useFlow(({ transform: [, , zoom] }) => zoom < FAR_ZOOM);
  const isMany = shown.nodes.length >= DRAWN_FROM;
  const isDrawn = useFlow(({ transform: [, , zoom] }) => zoom < DRAWN_ZOOM) &&
    isMany;
  const isFirst = kept === undefined;
  const isFitted = useFirstView(shown.nodes, isFirst, props.isSequence);
  // What would be drawn near for one frame takes long where there is much of it.
  const isHidden = isDrawn || isMany && !isFitted;
  const inView = useInView({ nodes: shown.nodes, edges, isMany });
  const moving = useMoving();
  // What shows all of it would take the view away again.
  useSought(props.sought, isFitted ? shown.nodes : NOTHING);
  return (
    <div
      class={[
        "flow",
        isFar && "far",
        (isMany || edges.length > MOVING_MAX) && "crowded",
      ].filter(Boolean).join(" ")}
      {...useDrop(props.onDrop)}
      ref={moving.element}
    >
      <ReactFlow
        {...useHandlers(props, shown.onNodesChange)}
        {...isHidden
          ? { nodes: NOTHING, edges: NOTHING }
          : { nodes: inView.nodes as Node[], edges: inView.edges as Edge[] }}
        {...kept === undefined ? {} : { defaultViewport: kept }}
        onViewportChange={keep}
        onMoveStart={moving.begin}
        onMoveEnd={moving.end}
        nodeTypes={nodeTypes as never}
        edgeTypes={EDGE_TYPES}
        nodesConnectable={props.onConnect !== undefined}
        deleteKeyCode={null}
        minZoom={ZOOM.min}
        maxZoom={ZOOM.max}
        onlyRenderVisibleElements={isMany}
        proOptions={OPTIONS}
        aria-label={name}
      >
        {isMany
          ? <Backdrop nodes={props.nodes} edges={isHidden ? NOTHING : edges} />
          : (
            <Background
              {...DOTS}
              variant={BackgroundVariant.Dots}
              color="var(--dot)"
            />
          )}
      </ReactFlow>
      {isDrawn && (
        <DrawnLayer
          {...{ nodes: shown.nodes, edges, onSelect }}
          onMove={props.onMove}
          hueOf={props.hueOf ?? (() => "line-strong")}
        />
      )}
      {props.nodes.length > 0 && <SmallMap nodes={props.nodes} />}
      <Tools onTidy={props.onTidy} nodes={shown.nodes}>{props.tools}</Tools>
      {props.children}
    </div>
  );
}

const REACHABLE = { tabindex: 0 } as NonNullable<Edge["domAttributes"]>;

/** A tie that the keyboard reaches: React Flow writes `tabIndex`, which SVG ignores. */
function reachable(edge: Edge): Edge {
  return { ...edge, domAttributes: REACHABLE };
}

/** What React Flow tells; each is the same function for as long as it is shown. */
function useHandlers(
  { onConnect, onSelect, onSelectEdge }: FlowCanvasProps,
  onNodesChange: (changes: NodeChange[]) => void,
) {
  return {
    onNodesChange: useSteadyFunction(onNodesChange),
    onConnect: useSteadyFunction((ends: Connection) => onConnect?.(ends)),
    // A press, or Enter on a tie that has the focus.
    onEdgesChange: useSteadyFunction((changes: EdgeChange[]) => {
      for (const change of changes) {
        if (change.type === "select" && change.selected) {
          // The cards that were chosen are let go of after this.
          queueMicrotask(() => onSelectEdge(change.id));
        }
      }
    }),
    onPaneClick: useSteadyFunction(() => onSelect(new Set())),
  };
}

/** Tells the style sheet when the view moves, without drawing anything anew. */
function useMoving() {
  const element = useRef<HTMLDivElement>(null);
  return useMemo(() => ({
    element,
    begin: () => element.current?.setAttribute("data-moving", ""),
    end: () => element.current?.removeAttribute("data-moving"),
  }), []);
}

function useDrop(onDrop: FlowCanvasProps["onDrop"]) {
  const flow = useReactFlow();
  return {
    onDragOver: (event: DragEvent) => event.preventDefault(),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      const { clientX: x, clientY: y } = event;
      onDrop?.(event, flow.screenToFlowPosition({ x, y }));
    },
  };
}

/** The cards as they are drawn: one that is dragged is ahead of the document. */
function useShownNodes({ nodes: wanted, onMove, onSelect }: FlowCanvasProps) {
  const [nodes, setNodes] = useState<Node[]>([]);
  const chosen = useRef<ReadonlySet<string>>(new Set());
  chosen.current = new Set(
    wanted.filter(({ selected }) => selected).map(({ id }) => id),
  );
  const sized = useRef(new WeakMap<Node, Node>());
  useEffect(() => {
    setNodes(wanted.map((node) => {
      const known = sized.current.get(node) ?? withSize(node);
      sized.current.set(node, known);
      return known;
    }));
  }, [wanted]);
  const changed = (changes: NodeChange[], before: Node[]) =>
    fitted(applyNodeChanges(takenAlong(changes, before), before));
  function onNodesChange(changes: NodeChange[]): void {
    setNodes((before) => changed(changes, before));
    // With the pointer at the end of a drag, with the keyboard at each step.
    const isMoved = changes.some((change) =>
      change.type === "position" && change.dragging === false
    );
    if (isMoved) tellPlaces(changed(changes, nodes));
    const choices = changes.filter((change) => change.type === "select");
    if (choices.length === 0) return;
    const ids = new Set(chosen.current);
    for (const { id, selected } of choices) {
      if (selected) ids.add(id);
      else ids.delete(id);
    }
    onSelect(ids);
  }
  /** All of them, so that the others stay where they are seen. */
  function tellPlaces(all: readonly Node[]): void {
    onMove(Object.fromEntries(all.map(({ id, position }) => [id, position])));
  }
  return { nodes, onNodesChange };
}

/** Its size is known, so that it need not be drawn to be measured. */
function withSize(node: Node): Node {
  const { width, height } = { ...CARD, ...node };
  return { ...node, width, height, measured: { width, height } };
}

/** Brings a card that somebody looks for into the middle. */
function useSought(
  sought: FlowCanvasProps["sought"],
  nodes: readonly Node[],
): void {
  const { setCenter } = useReactFlow();
  const id = sought?.value;
  useEffect(() => {
    const node = nodes.find((one) => one.id === id);
    if (sought === undefined || node === undefined) return;
    sought.value = undefined;
    const { x, y } = node.position;
    void setCenter(x + CARD.width / 2, y + CARD.height / 2, { zoom: 1 });
  }, [id, nodes]);
}

/** What was seen of the view when it was left, and what keeps it for next time. */
function useKeptViewport() {
  const store = useStore();
  return useMemo(() => {
    const { viewports } = store;
    const view = viewText(store.view.peek());
    return {
      kept: viewports.get(view),
      keep: (viewport: Viewport) => void viewports.set(view, viewport),
    };
  }, [store]);
}

/** Shows it once, when it is first there. @returns whether that is done. */
function useFirstView(
  nodes: readonly Node[],
  isFirst: boolean,
  isSequence = false,
): boolean {
  const show = useView(nodes, isSequence ? beginningOf : allOf);
  const [isDone, setDone] = useState(!isFirst);
  const isThere = nodes.length > 0;
  useEffect(() => {
    if (!isThere || isDone) return;
    const frame = requestAnimationFrame(() => {
      show();
      setDone(true);
    });
    return () => cancelAnimationFrame(frame);
  }, [isThere]);
  return isDone;
}
