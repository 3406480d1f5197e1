/**
 * Does anything: every command, every type to add, every module and view to go to.
 *
 * @module
 */
import { useMemo } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { useAdd } from "./add.ts";
import { type Choice, Chooser } from "./chooser.tsx";
import { commandsOf } from "./commands.ts";
import { useStore } from "./context.ts";
import { shownMachine } from "./machine_edits.ts";
import { stepsOf } from "./steps.ts";
import type { BuilderStore } from "./store.ts";
import { MODULES, valueAt, viewText } from "./views.ts";

interface Action extends Choice {
  readonly act: () => void;
}

export function CommandMenu({ onClose }: { readonly onClose: () => void }) {
  const store = useStore();
  const add = useAdd();
  // What was possible when it was opened.
  const actions = useMemo((): readonly Action[] => [
    ...commandsOf(store)
      .filter(({ name, isOff }) => !isOff && name !== "Look for anything")
      .map(({ name, keys, act }) => ({
        ...{ id: name, name, act },
        ...keys ? { keys: keys[0] } : {},
      })),
    ...store.palette.value.map(({ type, label }) => ({
      id: `add ${type}`,
      name: `Add ${label}`,
      detail: type,
      act: () => add(type),
    })),
    ...placesIn(store),
  ], []);
  return (
    <Dialog title="Do anything" onClose={onClose}>
      <Chooser
        label="Command, type or module"
        choices={actions}
        onChoose={({ act }) => {
          // At once: an open dialog would keep the focus.
          document.querySelector<HTMLDialogElement>("dialog:modal")?.close();
          onClose();
          act();
        }}
      />
    </Dialog>
  );
}

/** Where one can go: modules, views, and the parts of the view that is shown. */
function placesIn(store: BuilderStore): readonly Action[] {
  const view = store.view.value;
  const value = store.good.value?.value;
  const shown = shownMachine(store);
  const toPart = (
    name: string,
    path: readonly (string | number)[],
  ): Action => ({
    id: `go ${path.join("/")}`,
    name: `Go to ${name}`,
    act: () => store.chosen.value = path,
  });
  return [
    ...store.views.value.map((each): Action => ({
      id: `view ${viewText(each)}`,
      name: "name" in each ? `Show ${each.name}` : "Show the modules",
      ..."name" in each ? { detail: each.kind } : {},
      act: () => store.show(each),
    })),
    ...shown !== undefined
      ? shown.machine.states.map(({ name }) =>
        toPart(name, [...shown.view.path, "states", name])
      )
      : view.kind === "pipeline"
      ? stepsOf(valueAt(value, view.path), view.path).steps.map((
        { name, path },
      ) => toPart(name, path))
      : [],
    ...store.graph.value.modules.map(({ name, type }): Action => ({
      id: `module ${name}`,
      name: `Go to ${name}`,
      detail: type,
      act: () => {
        store.show(MODULES);
        store.select([name]);
        store.sought.value = name;
      },
    })),
  ];
}
