/**
 * The modules of a document by category. What is moved here has places of its own.
 *
 * @module
 */
import { computed } from "@preact/signals";
import type { Node } from "@xyflow/react";
import { useMemo } from "preact/hooks";
import {
  boxAround,
  keptFromCorner,
  placedInBoxes,
  type Places,
} from "./boxes.ts";
import { depthOf, errorsOf, hueOf, useCards, useEdges } from "./canvas.tsx";
import { CategoryToggle } from "./category_toggle.tsx";
import { ContainerNode, type ContainerNodeData } from "./container_node.tsx";
import {
  type Container,
  holdsOf,
  shownShape,
  shownTies,
} from "./containers.ts";
import { useStore } from "./context.ts";
import { FlowCanvas } from "./flow_canvas.tsx";
import { modulesText } from "./group_panel.tsx";
import { lookOf } from "./look.ts";
import { ModuleNode } from "./module_node.tsx";
import { shownContainers } from "./shown_containers.ts";
import { CONTAINERS, viewText } from "./views.ts";

const VIEW = viewText(CONTAINERS);

const NODE_TYPES = { container: ContainerNode, module: ModuleNode };

export function ContainerCanvas() {
  const store = useStore();
  const graph = store.graph.value;
  const containers = useContainers();
  const holds = useMemo(() => holdsOf(containers), [containers]);
  const ties = useMemo(() => shownTies(graph.edges, containers), [containers]);
  const kept = store.layout.value.views[VIEW];
  // Without its ties nothing can be arranged well: they come a moment later.
  const isReady = store.checking.said.value !== undefined;
  const shape = useMemo(() => shownShape(containers, ties), [ties]);
  const places = useMemo(
    () => isReady ? placedInBoxes(shape, holds, kept) : {},
    [shape, holds, kept, isReady],
  );
  const cards = useCards(graph, places);
  const boxes = useBoxes(containers, places);
  return (
    <FlowCanvas
      name="Modules by category"
      nodes={useMemo(() => [...boxes, ...cards], [boxes, cards])}
      edges={useEdges(ties)}
      nodeTypes={NODE_TYPES}
      onMove={(moved) => store.move(VIEW, keptFromCorner(holds, moved))}
      onSelect={(names) => store.select(names)}
      onSelectEdge={(id) => {
        store.select([]);
        store.edge.value = id;
      }}
      hueOf={(node) => {
        const { container } = node.data as Partial<ContainerNodeData>;
        const [first] = container?.modules ?? [];
        return first === undefined ? hueOf(node) : lookOf(first.type).hue;
      }}
      onTidy={() =>
        store.move(VIEW, keptFromCorner(holds, placedInBoxes(shape, holds)))}
      tools={<CategoryToggle />}
    />
  );
}

/** The containers, the same as long as nothing of them is changed. */
function useContainers(): readonly Container[] {
  const store = useStore();
  const containers = useMemo(
    () => computed(() => shownContainers(store)),
    [store],
  );
  return containers.value;
}

/** The nodes of the containers, the open ones around their cards. */
function useBoxes(
  containers: readonly Container[],
  places: Places,
): readonly Node<ContainerNodeData>[] {
  const store = useStore();
  const chosen = store.selection.value;
  const problems = store.problems.value;
  return useMemo(() => {
    const errors = errorsOf(problems);
    return containers.flatMap((container) => {
      const { id, title, modules, isOpen } = container;
      const place = places[id];
      if (place === undefined) return [];
      const holds = isOpen ? modules.map(({ name }) => name) : [];
      const { x, y, ...size } = isOpen
        ? boxAround(holds.flatMap((name) => places[name] ?? []))
        : place;
      const count = modules.reduce(
        (sum, { index }) => sum + (errors.get(index) ?? 0),
        0,
      );
      return [{
        ...{ id, type: "container", ...size, position: { x, y } },
        data: { container, holds, title, problems: count },
        selected: chosen.has(id),
        ...isOpen ? { zIndex: depthOf(chosen.has(id)) } : {},
        ariaLabel: `${title}, ${modulesText(modules.length)}`,
        connectable: false,
      }];
    });
  }, [containers, places, problems, chosen]);
}
