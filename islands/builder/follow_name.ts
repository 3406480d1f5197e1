/**
 * What goes along when something gets another name: its place on the canvas, what
 * is chosen and what is shown.
 *
 * @module
 */
import { effect } from "@preact/signals";
import { renameMember } from "./group_actions.ts";
import type { Named } from "./edits.ts";
import type { BuilderStore } from "./store.ts";
import { type View, viewText } from "./views.ts";

/** After something is called `to`. */
export function followName(
  store: BuilderStore,
  { what, name, inside }: Named,
  to: string,
): void {
  switch (what) {
    case "module":
      movePlace(store, "modules", name, to);
      renameMember(store, name, to);
      store.select([to]);
      break;
    case "state":
      movePlace(store, `machine:${inside}`, name, to);
      chooseNamed(store, to);
      break;
    case "transition":
      chooseNamed(store, to);
      break;
    case "definition":
      store.place(`machine:${to}`, placesOf(store, `machine:${name}`));
      break;
    case "pipeline":
      // Steps have their places by their paths.
      store.place(
        `pipeline:${to}`,
        Object.fromEntries(
          Object.entries(placesOf(store, `pipeline:${name}`)).map((
            [path, place],
          ) => [path.replace(`pipelines.${name}`, `pipelines.${to}`), place]),
        ),
      );
      break;
    case "step":
  }
}

/**
 * Shows what the shown view is called now, if a change of the text or its undoing
 * has renamed it. The result ends that.
 */
export function followViews(store: BuilderStore): () => void {
  let before = store.views.peek();
  return effect(() => {
    const views = store.views.value;
    const shown = store.view.peek();
    const index = before.findIndex((view) => isSame(view, shown));
    before = views;
    if (shown.kind === "modules" || views.some((one) => isSame(one, shown))) {
      return;
    }
    const present = views[index];
    if (present?.kind !== shown.kind) return;
    store.show(present);
  });
}

function isSame(one: View, other: View): boolean {
  return viewText(one) === viewText(other);
}

function placesOf(store: BuilderStore, view: string) {
  return store.layout.value.views[view] ?? {};
}

function movePlace(
  store: BuilderStore,
  view: string,
  from: string,
  to: string,
): void {
  const place = placesOf(store, view)[from];
  if (place) store.place(view, { [to]: place });
}

/** What is chosen ends with its own name. */
function chooseNamed(store: BuilderStore, to: string): void {
  const path = store.chosen.value;
  if (path) store.chosen.value = [...path.slice(0, -1), to];
}
