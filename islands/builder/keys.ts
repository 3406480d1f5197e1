/**
 * The keys of the builder.
 *
 * @module
 */
import { useEffect } from "preact/hooks";
import { copied, paste } from "./clipboard.ts";
import { duplicateChosen, removeChosen } from "./chosen.ts";
import { groupChosen, ungroupChosen } from "./group_actions.ts";
import { addNote } from "./notes.ts";
import type { BuilderStore } from "./store.ts";
import { save } from "./toolbar.tsx";

/** Listens as long as the builder is there. */
export function useShortcuts(store: BuilderStore): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => pressed(store, event);
    const copy = (event: ClipboardEvent) => copyChosen(store, event);
    const insert = (event: ClipboardEvent) => pasteInto(store, event);
    addEventListener("keydown", press);
    addEventListener("copy", copy);
    addEventListener("paste", insert);
    return () => {
      removeEventListener("keydown", press);
      removeEventListener("copy", copy);
      removeEventListener("paste", insert);
    };
  }, [store]);
}

function copyChosen(store: BuilderStore, event: ClipboardEvent): void {
  const text = copied(store);
  if (text === undefined || isTyping(event.target)) return;
  // What is marked on the page is meant where something is marked.
  if (getSelection()?.isCollapsed === false) return;
  event.clipboardData?.setData("text/plain", text);
  event.preventDefault();
}

function pasteInto(store: BuilderStore, event: ClipboardEvent): void {
  if (isTyping(event.target)) return;
  const text = event.clipboardData?.getData("text/plain");
  if (text) paste(store, text);
}

/** Whether something is typed there, which has keys of its own. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function pressed(store: BuilderStore, event: KeyboardEvent): void {
  const { key, ctrlKey, metaKey, shiftKey, target } = event;
  const isTyped = isTyping(target);
  const act = actionOf(store, key.toLowerCase(), {
    isCommand: ctrlKey || metaKey,
    ...{ shiftKey, isTyped },
  });
  if (act === undefined) return;
  event.preventDefault();
  act();
}

function actionOf(
  store: BuilderStore,
  key: string,
  { isCommand, shiftKey, isTyped }: {
    readonly isCommand: boolean;
    readonly shiftKey: boolean;
    readonly isTyped: boolean;
  },
): (() => void) | undefined {
  if (isCommand && key === "s") return () => void save(store);
  // Fields have their own.
  if (isTyped) return undefined;
  if (isCommand && key === "z") {
    return shiftKey ? () => store.redo() : () => store.undo();
  }
  if (isCommand && key === "y") return () => store.redo();
  if (isCommand && key === "a") {
    return () => store.select(store.graph.value.modules.map((m) => m.name));
  }
  if (isCommand && key === "d") return () => duplicateChosen(store);
  if (key === "n" && !isCommand) return () => addNote(store);
  if (key === "g" && !isCommand) {
    return () => shiftKey ? ungroupChosen(store) : groupChosen(store);
  }
  if (key === "escape") return () => store.select([]);
  if (key === "delete" || key === "backspace") {
    return () => removeChosen(store);
  }
  return undefined;
}
