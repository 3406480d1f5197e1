/**
 * What the card that is chosen can be tied to.
 *
 * @module
 */
import { shownMachine } from "./machine_edits.ts";
import type { BuilderStore } from "./store.ts";

/** The chosen card, and the cards that a tie can lead to. */
export interface Tieable {
  readonly source: string;
  readonly targets: readonly {
    readonly id: string;
    readonly name: string;
    readonly detail?: string;
  }[];
}

/** Absent where nothing is chosen that can be tied to something. */
export function tieable(store: BuilderStore): Tieable | undefined {
  const shown = shownMachine(store);
  if (shown !== undefined) {
    const { view: { path }, machine: { states } } = shown;
    const chosen = store.chosen.value ?? [];
    const isState = chosen.length === path.length + 2 &&
      chosen[path.length] === "states";
    if (!isState) return undefined;
    return {
      source: String(chosen.at(-1)),
      targets: states.map(({ name, description }) => ({
        ...{ id: name, name, detail: description },
      })),
    };
  }
  const [source, ...others] = store.selection.value;
  const { modules } = store.graph.value;
  if (source === undefined || others.length > 0) return undefined;
  if (modules.every(({ name }) => name !== source)) return undefined;
  return {
    source,
    targets: modules.filter(({ name }) => name !== source).map((
      { name, type },
    ) => ({ id: name, name, detail: type })),
  };
}
