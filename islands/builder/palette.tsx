/**
 * What can be added, by category: drag it onto the canvas, or choose it with the
 * keyboard.
 *
 * @module
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PaletteEntry } from "../../engine/derive/palette.ts";
import { Icon } from "../icons.tsx";
import { useAdd } from "./add.ts";
import { useStore } from "./context.ts";
import { CATEGORIES, lookOf } from "./look.ts";

/** The kind of what is dragged from here. */
export const DRAGGED_TYPE = "application/workflow-module-type";

export function Palette() {
  const all = useStore().palette.value;
  const [search, setSearch] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const add = useAdd();
  const groups = useMemo(() => grouped(all, search), [all, search]);
  const first = groups[0]?.entries[0];
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  // What was looked for is shown, wherever it is.
  const isUnfolded = (title: string) => search !== "" || !folded.has(title);
  const fold = (title: string) =>
    setFolded(folded.symmetricDifference(new Set([title])));
  useKey("a", () => field.current?.focus());
  return (
    <aside class="palette" aria-label="Modules to add">
      <label class="search">
        <Icon name="search" size={14} />
        <span class="hidden">Add a module</span>
        <input
          ref={field}
          type="search"
          placeholder="Add a module"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && first) {
              add(first.type);
              setSearch("");
            } else if (event.key === "Escape") {
              setSearch("");
              event.currentTarget.blur();
            }
          }}
        />
        <kbd>A</kbd>
      </label>
      {groups.length === 0 && (
        <p class="quiet">No module is called “{search}”.</p>
      )}
      {groups.map(({ title, entries }) => (
        <section key={title}>
          <h3>
            <button
              type="button"
              class="fold"
              aria-expanded={isUnfolded(title)}
              onClick={() => fold(title)}
            >
              <Icon name={isUnfolded(title) ? "down" : "right"} size={12} />
              {title} <span>{entries.length}</span>
            </button>
          </h3>
          {isUnfolded(title) && (
            <ul>
              {entries.map((entry) => (
                <li key={entry.type}>
                  <Item
                    entry={entry}
                    name={shortLabel(entry, all)}
                    onAdd={() => add(entry.type)}
                  />
                </li>
              ))}
            </ul>
          )}
        </section>
      ))}
    </aside>
  );
}

function Item(
  { entry, name, onAdd }: {
    readonly entry: PaletteEntry;
    readonly name: string;
    readonly onAdd: () => void;
  },
) {
  const { type, summary } = entry;
  const look = lookOf(type);
  return (
    <button
      type="button"
      class="item"
      data-hue={look.hue}
      draggable
      title={`${summary} (${type})`}
      onClick={onAdd}
      onDragStart={({ dataTransfer }) => {
        dataTransfer?.setData(DRAGGED_TYPE, type);
      }}
    >
      <span class="tile">
        <Icon name={look.icon} size={14} />
      </span>
      <span class="name">{name}</span>
    </button>
  );
}

/** The first part of a type, which its family shares. */
function familyOf(type: string): string {
  return type.split(".")[0] ?? type;
}

/** The label, in a family without what all of them say. */
function shortLabel(
  { label, type }: PaletteEntry,
  entries: readonly PaletteEntry[],
): string {
  const family = entries.filter((one) => familyOf(one.type) === familyOf(type));
  if (family.length === 1) return label;
  const said = type.split(".").slice(0, -1).join(" ");
  const rest = label.toLowerCase().startsWith(`${said} `)
    ? label.slice(said.length + 1)
    : label;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

interface Group {
  readonly title: string;
  readonly entries: readonly PaletteEntry[];
}

function grouped(
  entries: readonly PaletteEntry[],
  search: string,
): readonly Group[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter(({ type, label, summary }) => {
    const text = `${type} ${label} ${summary}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return CATEGORIES.flatMap((title) => {
    const own = found.filter(({ type }) => lookOf(type).title === title);
    return own.length === 0 ? [] : [{ title, entries: own }];
  });
}

/** Calls back for a key that is pressed where nothing is typed. */
export function useKey(key: string, onKey: () => void): void {
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      const { target } = event;
      const isTyped = target instanceof HTMLElement &&
        (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(
          target.tagName,
        ));
      if (isTyped || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.toLowerCase() !== key) return;
      event.preventDefault();
      onKey();
    }
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [key, onKey]);
}
