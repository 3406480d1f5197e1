/**
 * The modules of a document and their ties.
 *
 * @module
 */
import {
  type Connection,
  type Edge,
  MarkerType,
  type Node,
} from "@xyflow/react";
import { useMemo } from "preact/hooks";
import { useAdd } from "./add.ts";
import { arrange, type Place, placed, shapeOf } from "./arrange.ts";
import { bundlesOf } from "./bundles.ts";
import { useStore } from "./context.ts";
import { FlowCanvas } from "./flow_canvas.tsx";
import type { Graph } from "./graph.ts";
import { lookOf } from "./look.ts";
import { ModuleNode, type ModuleNodeData } from "./module_node.tsx";
import { NoteNode, type NoteNodeData } from "./note_node.tsx";
import { nodeIdOf, NOTE } from "./notes.ts";
import { DRAGGED_TYPE } from "./palette.tsx";
import type { Note } from "./store.ts";

const VIEW = "modules";

const NO_NOTES: readonly Note[] = [];

const NODE_TYPES = { module: ModuleNode, note: NoteNode };

/** What the canvas tells. */
interface CanvasProps {
  /** Two modules are to be tied. */
  readonly onConnect: (connection: Connection) => void;
}

export function Canvas({ onConnect }: CanvasProps) {
  const store = useStore();
  const graph = store.graph.value;
  const add = useAdd();
  const cards = useNodes(graph);
  const notes = useNotes();
  return (
    <FlowCanvas
      name="Modules"
      nodes={useMemo(() => [...cards, ...notes], [cards, notes])}
      edges={useEdges(graph)}
      nodeTypes={NODE_TYPES}
      onConnect={store.isStale.value ? undefined : onConnect}
      onMove={(places) => store.move(VIEW, places)}
      onSelect={(names) => store.select(names)}
      onSelectEdge={(id) => {
        store.select([]);
        store.edge.value = id;
      }}
      hueOf={hueOf}
      sought={store.sought}
      onTidy={() => store.move(VIEW, arrange(shapeOf(graph)))}
      onDrop={({ dataTransfer }, place) => {
        const type = dataTransfer?.getData(DRAGGED_TYPE);
        if (type) add(type, place);
      }}
    />
  );
}

/** The token of the colour that a node has from afar. */
function hueOf({ data }: Node): string {
  const { module } = data as Partial<ModuleNodeData>;
  return module === undefined ? "wait" : lookOf(module.type).hue;
}

/** The notes, each at its place. */
function useNotes(): readonly Node<NoteNodeData>[] {
  const { layout, selection, checking } = useStore();
  // With the cards, not before: what is there first is fitted into the view.
  const isReady = checking.said.value !== undefined || checking.isLate.value;
  const notes = isReady ? layout.value.notes : NO_NOTES;
  const chosen = selection.value;
  return useMemo(() =>
    notes.map((note) => {
      const id = nodeIdOf(note);
      const { x, y, text } = note;
      return {
        ...{ id, type: "note", ...NOTE, position: { x, y } },
        data: { note, title: text },
        selected: chosen.has(id),
        ariaLabel: "Note",
        connectable: false,
      };
    }), [notes, chosen]);
}

/** The cards of a graph, each at its place. */
function useNodes(graph: Graph): readonly Node<ModuleNodeData>[] {
  const store = useStore();
  const places = usePlaces(graph);
  const selection = store.selection.value;
  const problems = store.problems.value;
  return useMemo(() => {
    const counts = new Map<string, number>();
    for (const { path, severity } of problems) {
      const [, index] = /^modules\[(\d+)\]/.exec(path) ?? [];
      if (index === undefined || severity !== "error") continue;
      counts.set(index, (counts.get(index) ?? 0) + 1);
    }
    return graph.modules.flatMap((module) => {
      const { name, index } = module;
      const position = places[name];
      if (position === undefined) return [];
      return [{
        id: name,
        type: "module",
        position,
        selected: selection.has(name),
        data: { module, problems: counts.get(String(index)) ?? 0 },
      }];
    });
  }, [graph, places, selection, problems]);
}

/** Where each module is: as somebody has put it, else where it fits. */
function usePlaces(graph: Graph): Readonly<Record<string, Place>> {
  const store = useStore();
  const kept = store.layout.value.views[VIEW];
  // Without its ties nothing can be arranged well: they come a moment later.
  const { said, isLate } = store.checking;
  const isReady = said.value !== undefined || isLate.value;
  return useMemo(
    () => isReady ? placed(shapeOf(graph), kept ?? {}) : {},
    [graph, kept, isReady],
  );
}

/** The ties of a graph: what carries data is solid, what refers is dotted. */
function useEdges(graph: Graph): readonly Edge[] {
  const chosen = useStore().edge.value;
  return useMemo(() =>
    bundlesOf(graph.edges).map((bundle) => {
      const { id, source, target, carries, isImplied, label } = bundle;
      const classes = [
        carries ? "carries" : "refers",
        isImplied && "implied",
        id === chosen && "chosen",
      ];
      return {
        ...{ id, source, target, type: "tie", data: { bundle } },
        ...carries ? { label } : {},
        className: classes.filter(Boolean).join(" "),
        markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
        focusable: true,
        ariaLabel: `${label} from ${source} to ${target}`,
      };
    }), [graph, chosen]);
}
