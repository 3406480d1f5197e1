/**
 * What is done with what is chosen: remove it, duplicate it.
 *
 * @module
 */
import type { Change } from "../../engine/config/change.ts";
import { freshName, type GraphModule } from "./graph.ts";
import { chosenGroup, forgetMembers, ungroupChosen } from "./group_actions.ts";
import type { BuilderStore } from "./store.ts";
import { removeChosenNotes } from "./notes.ts";
import { MODULES, type PartView, valueAt } from "./views.ts";

/** How far a duplicate stands from what it is one of, in units of the canvas. */
const BESIDE = 32;

/** Removes what is chosen: modules, a state, a step. */
export function removeChosen(store: BuilderStore): void {
  if (store.chosen.value !== undefined) return removePart(store);
  if (chosenGroup(store) !== undefined) return ungroupChosen(store);
  const hasNotes = removeChosenNotes(store);
  const modules = chosenModules(store);
  if (modules.length === 0) return void (hasNotes && store.select([]));
  // From the last one on, so that the places of the others stay.
  const changes = modules.toReversed().map(({ index = 0 }): Change => ({
    do: "remove",
    path: ["modules", index],
  }));
  store.change(changes, `Remove ${namesOf(modules)}`);
  forgetMembers(store, modules.map(({ name }) => name));
  store.select([]);
}

/** Removes what is chosen beside modules; with a state its transitions. */
function removePart(store: BuilderStore): void {
  const path = store.chosen.value;
  const view = store.view.value;
  if (path === undefined) return;
  // The whole of a view goes with its own button, not with a key.
  if ("path" in view && path.length <= view.path.length) return;
  const name = path.at(-1);
  const machine = path.slice(0, -2);
  const transitions = path.at(-2) === "states"
    ? valueAt(store.good.value?.value, [...machine, "transitions"]) ?? {}
    : {};
  const tied = Object.entries(transitions).filter(([, transition]) =>
    transition?.fromState === name || transition?.toState === name
  );
  const changes = [
    ...tied.map(([each]): Change => ({
      do: "remove",
      path: [...machine, "transitions", each],
    })),
    { do: "remove", path } as const,
  ];
  store.change(changes, `Remove ${name}`);
  store.chosen.value = undefined;
}

/** Removes a whole machine or pipeline, and shows the modules. */
export function removeView(
  store: BuilderStore,
  { name, path }: PartView,
): void {
  store.change([{ do: "remove", path }], `Remove ${name}`);
  store.show(MODULES);
}

/** Adds the chosen modules once more, beside themselves. */
export function duplicateChosen(store: BuilderStore): void {
  const chosen = chosenModules(store);
  if (chosen.length === 0) return;
  const graph = store.graph.value;
  const names = chosen.map(({ name }) => freshName(`${name}-copy`, graph));
  const { modules } = store.good.value?.value as {
    readonly modules: readonly Readonly<Record<string, unknown>>[];
  };
  store.change(
    chosen.map(({ index = 0 }, at): Change => ({
      do: "insert",
      path: ["modules"],
      value: { ...modules[index], name: names[at] },
    })),
    `Duplicate ${namesOf(chosen)}`,
  );
  const places = store.layout.value.views.modules ?? {};
  store.place(
    "modules",
    Object.fromEntries(chosen.flatMap(({ name }, at) => {
      const place = places[name];
      const copy = names[at] ?? name;
      return place
        ? [[copy, { x: place.x + BESIDE, y: place.y + BESIDE }]]
        : [];
    })),
  );
  store.select(names);
}

/** The chosen modules of the text, in its order. */
function chosenModules(store: BuilderStore): readonly GraphModule[] {
  return store.graph.value.modules.filter(({ name, index }) =>
    index !== undefined && store.selection.value.has(name)
  );
}

function namesOf(modules: readonly GraphModule[]): string {
  return modules.map(({ name }) => name).join(", ");
}
