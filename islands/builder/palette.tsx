/**
 * What can be added, by category: drag it onto the canvas, or choose it with the
 * keyboard.
 *
 * @module
 */
import { useMemo, useState } from "preact/hooks";
import type { PaletteEntry } from "../../engine/derive/palette.ts";
import { labelOf } from "../../engine/derive/label.ts";
import { Icon } from "../icons.tsx";
import { useAdd } from "./add.ts";
import { useStore } from "./context.ts";
import { CATEGORIES, lookOf } from "./look.ts";

/** The kind of what is dragged from here. */
export const DRAGGED_TYPE = "application/workflow-module-type";

export function Palette() {
  const entries = useStore().palette.value;
  const [search, setSearch] = useState("");
  const add = useAdd();
  const groups = useMemo(() => grouped(entries, search), [entries, search]);
  const first = groups[0]?.entries[0];
  return (
    <aside class="palette" aria-label="Modules to add">
      <label class="search">
        <Icon name="search" size={14} />
        <span class="hidden">Add a module</span>
        <input
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
            {title} <span>{entries.length}</span>
          </h3>
          <ul>
            {entries.map((entry) => (
              <li key={entry.type}>
                <Item entry={entry} onAdd={() => add(entry.type)} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </aside>
  );
}

function Item(
  { entry: { type, label, summary }, onAdd }: {
    readonly entry: PaletteEntry;
    readonly onAdd: () => void;
  },
) {
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
      <span class="name">{shortLabel(label, type)}</span>
    </button>
  );
}

/** The label without what the category says already. */
function shortLabel(label: string, type: string): string {
  const isTold = lookOf(type).title !== "More" && label === labelOf(type);
  return isTold ? labelOf(type.split(".").at(-1) ?? type) : label;
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
