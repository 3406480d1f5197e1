/**
 * All that can be done in the builder by a command: its name, its keys, and how.
 * The keyboard, the menu, the list of keys and the command menu are made of this.
 *
 * @module
 */
import { duplicateChosen, removeChosen } from "./chosen.ts";
import { openDialog } from "./dialogs.ts";
import { clear, exportText, isBlank } from "./files.ts";
import { addMachine, addPipeline } from "./new_view.ts";
import {
  canGroup,
  canUngroup,
  groupChosen,
  ungroupChosen,
} from "./group_actions.ts";
import { addState } from "./machine_edits.ts";
import { addNote } from "./notes.ts";
import { save } from "./save.ts";
import type { BuilderStore } from "./store.ts";
import { tieable } from "./tie_targets.ts";

/** Something that can be done. */
export interface Command {
  readonly name: string;
  /** The first ones are shown: `Ctrl Shift Z`. Browsers on a Mac have ⌘ for Ctrl. */
  readonly keys?: readonly [string, ...string[]];
  /** It has an entry in the menu. */
  readonly isInMenu?: true;
  /** Its keys also work while something is typed. */
  readonly isForFields?: true;
  /** It cannot be done now. */
  readonly isOff?: boolean;
  readonly act: () => void;
}

/** The commands, as they are possible now. */
export function commandsOf(store: BuilderStore): readonly Command[] {
  return [
    ...ofPlaces(),
    ...ofAdding(store),
    ...ofChosen(store),
    ...ofDocument(store),
    {
      name: "Keys",
      keys: ["?"],
      isInMenu: true,
      act: () => openDialog("keys"),
    },
  ];
}

function ofPlaces(): readonly Command[] {
  return [
    {
      name: "Look for anything",
      keys: ["Ctrl K"],
      isForFields: true,
      act: () => openDialog("commands"),
    },
    {
      name: "Look for something to add",
      keys: ["A"],
      act: focus(".palette"),
    },
    { name: "Look for a module", keys: ["/"], act: focus(".lookup") },
    { name: "Go to the settings", keys: ["I"], act: focus(".inspector .form") },
  ];
}

function ofAdding(store: BuilderStore): readonly Command[] {
  const isOff = store.isStale.value;
  return [
    {
      name: "Add a state",
      isOff: isOff || store.view.value.kind !== "machine",
      act: () => addState(store),
    },
    { name: "Add a state machine", isOff, act: () => addMachine(store) },
    { name: "Add a pipeline", isOff, act: () => addPipeline(store) },
    {
      name: "Add a note",
      keys: ["N"],
      isInMenu: true,
      act: () => addNote(store),
    },
  ];
}

function ofChosen(store: BuilderStore): readonly Command[] {
  const isNone = store.selection.value.size === 0;
  return [
    {
      name: "Choose every module",
      keys: ["Ctrl A"],
      act: () => store.select(store.graph.value.modules.map((m) => m.name)),
    },
    { name: "Choose nothing", keys: ["Escape"], act: () => store.select([]) },
    {
      name: "Tie what is chosen",
      keys: ["T"],
      isOff: store.isStale.value || tieable(store) === undefined,
      act: () => openDialog("tie"),
    },
    {
      name: "Duplicate what is chosen",
      keys: ["Ctrl D"],
      isOff: isNone,
      act: () => duplicateChosen(store),
    },
    {
      name: "Group what is chosen",
      keys: ["G"],
      isInMenu: true,
      isOff: !canGroup(store),
      act: () => groupChosen(store),
    },
    {
      name: "Ungroup",
      keys: ["Shift G"],
      isInMenu: true,
      isOff: !canUngroup(store),
      act: () => ungroupChosen(store),
    },
    {
      name: "Remove what is chosen",
      keys: ["Delete", "Backspace"],
      isOff: isNone && store.chosen.value === undefined,
      act: () => removeChosen(store),
    },
  ];
}

function ofDocument(store: BuilderStore): readonly Command[] {
  const { undoLabel, redoLabel } = store.history;
  const isEmpty = isBlank(store);
  return [
    {
      name: "Take back",
      keys: ["Ctrl Z"],
      isOff: undoLabel.value === undefined,
      act: () => store.undo(),
    },
    {
      name: "Do again",
      keys: ["Ctrl Shift Z", "Ctrl Y"],
      isOff: redoLabel.value === undefined,
      act: () => store.redo(),
    },
    {
      name: "Save",
      keys: ["Ctrl S"],
      isForFields: true,
      act: () => void save(store),
    },
    {
      name: "Deploy",
      isOff: !store.canDeploy.value,
      act: () => openDialog("deploy"),
    },
    {
      name: "Import a file",
      isInMenu: true,
      act: () => document.querySelector<HTMLElement>(".menu input")?.click(),
    },
    {
      name: "Export YAML",
      isInMenu: true,
      isOff: isEmpty,
      act: () => exportText(store, "yaml"),
    },
    {
      name: "Export JSON",
      isInMenu: true,
      isOff: isEmpty || store.isStale.value,
      act: () => exportText(store, "json"),
    },
    {
      name: "Clear",
      isInMenu: true,
      isOff: isEmpty,
      act: () => clear(store),
    },
  ];
}

/** Puts the focus on the first field of a part of the page. */
function focus(part: string): () => void {
  return () => {
    const fields = `:is(${part}) :is(input, select, textarea)`;
    document.querySelector<HTMLElement>(fields)?.focus();
  };
}
