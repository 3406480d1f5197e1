/**
 * The containers of a document as this browser shows them: it remembers which are
 * open.
 *
 * @module
 */
import { remembered, toggleRemembered } from "../parts/remembered.ts";
import { type Bundle, bundlesOf } from "./bundles.ts";
import { type Container, containersOf, shownTies } from "./containers.ts";
import type { BuilderStore } from "./store.ts";

/** The containers, open or shut. */
export function shownContainers(store: BuilderStore): readonly Container[] {
  return containersOf(
    store.graph.value.modules,
    remembered(keyOf(store)).value,
  );
}

/** Opens a container that is shut, and shuts one that is open. */
export function toggleContainer(
  store: BuilderStore,
  { title }: Container,
): void {
  toggleRemembered(keyOf(store), title);
}

/** The container that is chosen, if it is all that is. */
export function chosenContainer(store: BuilderStore): Container | undefined {
  const [id, ...others] = store.selection.value;
  return others.length > 0
    ? undefined
    : shownContainers(store).find((container) => container.id === id);
}

/** The chosen tie of modules, or of containers where those are shown. */
export function chosenTie(store: BuilderStore): Bundle | undefined {
  const { edges } = store.graph.value;
  const bundles = store.view.value.kind === "containers"
    ? shownTies(edges, shownContainers(store))
    : bundlesOf(edges);
  return bundles.find(({ id }) => id === store.edge.value);
}

function keyOf({ id }: BuilderStore): string {
  return `open containers of ${id}`;
}
