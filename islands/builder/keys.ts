/**
 * The keys of the builder.
 *
 * @module
 */
import { useEffect } from "preact/hooks";
import { copied, paste } from "./clipboard.ts";
import { commandsOf } from "./commands.ts";
import type { BuilderStore } from "./store.ts";

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
  // Whatever is asked is answered first.
  if (document.querySelector("dialog:modal")) return;
  const isTyped = isTyping(event.target);
  // The first Escape leaves the field, the next one lets go of what is chosen.
  if (isTyped && event.key === "Escape") {
    if (event.defaultPrevented) return;
    (event.target as HTMLElement).blur();
    return;
  }
  const command = commandsOf(store).find(({ keys, isForFields }) =>
    (!isTyped || isForFields) && keys?.some((key) => isKey(key, event))
  );
  if (command === undefined) return;
  event.preventDefault();
  if (!command.isOff) command.act();
}

/** Whether `Ctrl Shift Z` is what was pressed; on a Mac with ⌘. */
function isKey(keys: string, event: KeyboardEvent): boolean {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  const held = keys.split(" ");
  const wanted = held.pop();
  // A sign such as `?` stands where the layout of the keyboard has it.
  const isLetter = wanted !== undefined && /^\w+$/.test(wanted);
  return key.toLowerCase() === wanted?.toLowerCase() && !altKey &&
    (ctrlKey || metaKey) === held.includes("Ctrl") &&
    (!isLetter || shiftKey === held.includes("Shift"));
}
