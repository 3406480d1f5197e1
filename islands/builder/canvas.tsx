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
import { useMemo, useRef } from "preact/hooks";
import type { Problem } from "../../engine/config/problem.ts";
import { useAdd } from "./add.ts";
import { placed, shapeOf } from "./arrange.ts";
import { boxAround, placedInBoxes, type Places } from "./boxes.ts";
import { type Bundle, bundlesOf } from "./bundles.ts";
import { CategoryToggle } from "./category_toggle.tsx";
import { containerTitle } from "./containers.ts";
import { useStore } from "./context.ts";
import { FlowCanvas } from "./flow_canvas.tsx";
import type { Graph } from "./graph.ts";
import { GroupNode, type GroupNodeData } from "./group_node.tsx";
import { modulesText } from "./group_panel.tsx";
import { shownGroups } from "./group_actions.ts";
import { groupNodeId, withoutGroups } from "./groups.ts";
import { lookOf } from "./look.ts";
import { ModuleNode, type ModuleNodeData } from "./module_node.tsx";
import { NoteNode, type NoteNodeData } from "./note_node.tsx";
import { nodeIdOf, NOTE } from "./notes.ts";
import { DRAGGED_TYPE } from "./palette.tsx";
import type { Note } from "./layout.ts";
import { hasSame } from "./steady.ts";
import type { BuilderStore } from "./store.ts";

const VIEW = "modules";

const NO_NOTES: readonly Note[] = [];

const NODE_TYPES = { box: GroupNode, module: ModuleNode, note: NoteNode };

/** What the canvas tells. */
interface CanvasProps {
  /** Two modules are to be tied. */
  readonly onConnect: (connection: Connection) => void;
}

export function Canvas({ onConnect }: CanvasProps) {
  const store = useStore();
  const graph = store.graph.value;
  const add = useAdd();
  const places = usePlaces(graph);
  const groups = useGroups(places);
  const cards = useCards(graph, places);
  const notes = useNotes();
  const cardsOf = (all: Places) =>
    withoutGroups(store.layout.value.groups, all);
  return (
    <FlowCanvas
      name="Modules"
      nodes={useMemo(
        () => [...groups, ...cards, ...notes],
        [groups, cards, notes],
      )}
      edges={useEdges(useMemo(() => bundlesOf(graph.edges), [graph.edges]))}
      nodeTypes={NODE_TYPES}
      onConnect={store.isStale.value ? undefined : onConnect}
      onMove={(moved) => store.move(VIEW, cardsOf(moved))}
      onSelect={(names) => store.select(names)}
      onSelectEdge={(id) => {
        store.select([]);
        store.edge.value = id;
      }}
      hueOf={hueOf}
      sought={store.sought}
      onTidy={() => store.move(VIEW, cardsOf(tidied(store)))}
      tools={<CategoryToggle />}
      onDrop={({ dataTransfer }, place) => {
        const type = dataTransfer?.getData(DRAGGED_TYPE);
        if (type) add(type, place);
      }}
    />
  );
}

/** All places anew, what is grouped together. */
function tidied(store: BuilderStore): Places {
  const holds = Object.fromEntries(
    shownGroups(store).map((group) => [groupNodeId(group), group.members]),
  );
  return placedInBoxes(shapeOf(store.graph.value), holds);
}

/** The token of the colour that a node has from afar. */
export function hueOf({ data }: Node): string {
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

/** How far a box is behind the cards, also while it is chosen. */
export function depthOf(isChosen: boolean): number {
  // What is chosen is lifted by a thousand.
  return isChosen ? -1_001 : -1;
}

/** The boxes of the groups, each around its members. */
function useGroups(places: Places): readonly Node<GroupNodeData>[] {
  const store = useStore();
  const groups = useMemo(() => shownGroups(store), [
    store.layout.value.groups,
    store.graph.value,
  ]);
  const chosen = store.selection.value;
  return useMemo(() =>
    groups.flatMap((group) => {
      const holds = group.members.filter((name) => name in places);
      if (holds.length === 0) return [];
      const id = groupNodeId(group);
      const { x, y, ...size } = boxAround(
        holds.flatMap((name) => places[name] ?? []),
      );
      const title = group.title || "Group";
      return [{
        ...{ id, type: "box", ...size, position: { x, y } },
        data: { group, holds, title },
        selected: chosen.has(id),
        zIndex: depthOf(chosen.has(id)),
        ariaLabel: `${title}, ${modulesText(holds.length)}`,
        connectable: false,
      }];
    }), [groups, places, chosen]);
}

/** The cards of a graph, each at its place. */
export function useCards(
  graph: Graph,
  places: Places,
): readonly Node<ModuleNodeData>[] {
  const store = useStore();
  const selection = store.selection.value;
  const problems = store.problems.value;
  const last = useRef<ReadonlyMap<string, Node<ModuleNodeData>>>(new Map());
  return useMemo(() => {
    const counts = errorsOf(problems);
    const cards = graph.modules.flatMap((module) => {
      const { name, index } = module;
      const position = places[name];
      if (position === undefined) return [];
      const card = {
        ...{ id: name, type: "module", position },
        selected: selection.has(name),
        data: { module, problems: counts.get(index) ?? 0 },
      };
      const before = last.current.get(name);
      return [before && isSameCard(before, card) ? before : card];
    });
    last.current = new Map(cards.map((card) => [card.id, card]));
    return cards;
  }, [graph, places, selection, problems]);
}

/** A card that is as it was need not be drawn anew. */
function isSameCard(
  one: Node<ModuleNodeData>,
  other: Node<ModuleNodeData>,
): boolean {
  return one.position === other.position && one.selected === other.selected &&
    one.data.module === other.data.module &&
    one.data.problems === other.data.problems;
}

/** How many errors there are in each module, by its place in the list. */
export function errorsOf(
  problems: readonly Problem[],
): ReadonlyMap<number | undefined, number> {
  const counts = new Map<number, number>();
  for (const { path, severity } of problems) {
    const [, index] = /^modules\[(\d+)\]/.exec(path) ?? [];
    if (index === undefined || severity !== "error") continue;
    counts.set(Number(index), (counts.get(Number(index)) ?? 0) + 1);
  }
  return counts;
}

/** Where each module is: as somebody has put it, else where it fits. */
function usePlaces(graph: Graph): Places {
  const store = useStore();
  const kept = store.layout.value.views[VIEW];
  // Without its ties nothing can be arranged well: they come a moment later.
  const { said, isLate } = store.checking;
  const isReady = said.value !== undefined || isLate.value;
  const names = useSame(graph.modules.map(({ name }) => name));
  return useMemo(
    () => isReady ? placed(shapeOf(graph), kept ?? {}) : {},
    [names, graph.edges, kept, isReady],
  );
}

/** The list of before, if it holds the same. */
function useSame<T>(next: readonly T[]): readonly T[] {
  const last = useRef(next);
  if (!hasSame(last.current, next)) last.current = next;
  return last.current;
}

/** The ties of a graph: what carries data is solid, what refers is dotted. */
export function useEdges(bundles: readonly Bundle[]): readonly Edge[] {
  const chosen = useStore().edge.value;
  return useMemo(() =>
    bundles.map((bundle) => {
      const { id, source, target, carries, isImplied, isMerged, label } =
        bundle;
      const classes = [
        carries ? "carries" : "refers",
        isImplied && "implied",
        isMerged && bundle.edges.length > 1 && "merged",
        id === chosen && "chosen",
      ];
      return {
        ...{ id, source, target, type: "tie", data: { bundle } },
        ...carries || isMerged ? { label } : {},
        className: classes.filter(Boolean).join(" "),
        markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
        ariaLabel: `${label} from ${containerTitle(source)} to ${
          containerTitle(target)
        }`,
      };
    }), [bundles, chosen]);
}
