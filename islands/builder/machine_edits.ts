/**
 * What is added to the state machine that is shown: states and transitions.
 *
 * @module
 */
import type { Change } from "../../engine/config/change.ts";
import { type Machine, machineOf } from "./machine.ts";
import type { BuilderStore } from "./store.ts";
import { type PartView, valueAt } from "./views.ts";

/** The state machine that is shown; absent while something else is. */
export function shownMachine(
  { view: { value: view }, good }: BuilderStore,
): { readonly view: PartView; readonly machine: Machine } | undefined {
  if (view.kind !== "machine") return undefined;
  return { view, machine: machineOf(valueAt(good.value?.value, view.path)) };
}

/** Adds a state, and chooses it. The first one is where things begin. */
export function addState(store: BuilderStore): void {
  const shown = shownMachine(store);
  if (shown === undefined) return;
  const { view: { path }, machine: { states } } = shown;
  const name = fresh("state", states);
  const changes: Change[] = [
    { do: "set", path: [...path, "states", name], value: {} },
    ...states.length === 0
      ? [{ do: "set", path: [...path, "initialState"], value: name } as const]
      : [],
  ];
  store.change(changes, `Add ${name}`);
  store.chosen.value = [...path, "states", name];
}

/** Adds a transition from one state to another, and chooses it. */
export function addTransition(
  store: BuilderStore,
  { source, target }: {
    readonly source: string | null;
    readonly target: string | null;
  },
): void {
  const shown = shownMachine(store);
  if (shown === undefined || !source || !target) return;
  const { view: { path }, machine: { transitions } } = shown;
  const base = source === target ? `again_${source}` : `${source}_to_${target}`;
  const name = fresh(base, transitions);
  store.change([{
    do: "set",
    path: [...path, "transitions", name],
    value: { fromState: source, toState: target },
  }], `Add ${name}`);
  store.chosen.value = [...path, "transitions", name];
}

function fresh(
  base: string,
  taken: readonly { readonly name: string }[],
): string {
  const names = new Set(taken.map(({ name }) => name));
  if (!names.has(base)) return base;
  for (let number = 2;; number++) {
    const name = `${base}_${number}`;
    if (!names.has(name)) return name;
  }
}
