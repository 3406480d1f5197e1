/**
 * What can be added, by category: drag it onto the canvas, or choose it with the
 * keyboard.
 *
 * @module
 */
import { useMemo, useState } from "preact/hooks";
import { CATEGORIES } from "../../engine/derive/category.ts";
import type { PaletteEntry } from "../../engine/derive/palette.ts";
import { labelOf } from "../../engine/derive/label.ts";
import { Icon } from "../icons.tsx";
import { useOneStop } from "../parts/one_stop.ts";
import { remembered, toggleRemembered } from "../parts/remembered.ts";
import { useAdd } from "./add.ts";
import { useStore } from "./context.ts";
import { lookOf } from "./look.ts";

/** The kind of what is dragged from here. */
export const DRAGGED_TYPE = "application/workflow-module-type";

/** The types that somebody likes to have at hand. */
const FAVOURITES = "favourite modules";

/** The categories whose types are not shown. */
const SHUT = "shut categories";

export function Palette() {
  const entries = useStore().palette.value;
  const [search, setSearch] = useState("");
  const add = useAdd();
  const favourites = remembered(FAVOURITES).value;
  const groups = useMemo(() => grouped(entries, search, favourites), [
    entries,
    search,
    favourites,
  ]);
  const first = groups[0]?.entries[0];
  const stop = useOneStop(".fold:enabled, .item");
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
      <div
        role="toolbar"
        aria-orientation="vertical"
        aria-label="Modules by category"
        {...stop}
        onKeyDown={(event) => {
          if (!toOrFromStar(event)) stop.onKeyDown(event);
        }}
      >
        {groups.map((group) => (
          <Category
            key={group.title}
            group={group}
            isSearched={search.trim() !== ""}
            onAdd={add}
          />
        ))}
      </div>
    </aside>
  );
}

/** A star is beside its module: arrows go there and back. */
function toOrFromStar({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const { nextElementSibling: next, previousElementSibling: before } = target;
  if (target.matches(".star")) {
    // Whatever the key, it goes on from the module.
    if (/^(Arrow|Home|End)/.test(key)) (before as HTMLElement | null)?.focus();
    return key === "ArrowLeft" || key === "ArrowRight";
  }
  const isTo = key === "ArrowRight" && next?.matches(".star") === true;
  if (isTo) (next as HTMLElement).focus();
  return isTo;
}

function Category(
  { group: { title, entries }, isSearched, onAdd }: {
    readonly group: Group;
    /** What was found is shown, also of what is shut. */
    readonly isSearched: boolean;
    readonly onAdd: (type: string) => void;
  },
) {
  const isOpen = isSearched || !remembered(SHUT).value.has(title);
  return (
    <section>
      <h3>
        <button
          type="button"
          class="fold"
          tabIndex={-1}
          aria-expanded={isOpen}
          disabled={isSearched}
          onClick={() => toggleRemembered(SHUT, title)}
        >
          <Icon name={isOpen ? "down" : "right"} size={12} />
          {title} <span>{entries.length}</span>
        </button>
      </h3>
      {isOpen && (
        <ul>
          {entries.map((entry) => (
            <li key={entry.type}>
              <Item entry={entry} onAdd={() => onAdd(entry.type)} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Item(
  { entry, onAdd }: {
    readonly entry: PaletteEntry;
    readonly onAdd: () => void;
  },
) {
  const { type, label, summary } = entry;
  const look = lookOf(type);
  const name = shortLabel(entry, useStore().palette.value);
  return (
    <>
      <button
        type="button"
        class="item"
        tabIndex={-1}
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
      <button
        type="button"
        class="star"
        tabIndex={-1}
        aria-label={`Favourite: ${label}`}
        title="Favourite"
        aria-pressed={remembered(FAVOURITES).value.has(type)}
        onClick={() => toggleRemembered(FAVOURITES, type)}
      >
        <Icon name="star" size={14} />
      </button>
    </>
  );
}

/** The label; in a family, what tells its members apart. */
function shortLabel(
  { label, type }: PaletteEntry,
  entries: readonly PaletteEntry[],
): string {
  const isAlone = entries.every((one) =>
    one.type === type || familyOf(one.type) !== familyOf(type)
  );
  return isAlone || label !== labelOf(type)
    ? label
    : labelOf(type.split(".").at(-1) ?? type);
}

/** What stands in front of the last part of a type. */
function familyOf(type: string): string {
  return type.split(".").slice(0, -1).join(".");
}

interface Group {
  readonly title: string;
  readonly entries: readonly PaletteEntry[];
}

function grouped(
  entries: readonly PaletteEntry[],
  search: string,
  favourites: ReadonlySet<string>,
): readonly Group[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter(({ type, label, summary, stability }) => {
    // What does nothing is there for documents that have it already.
    if (stability === "inert") return false;
    const text = `${type} ${label} ${summary}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  // What is found is shown once.
  const liked = words.length > 0
    ? []
    : entries.filter(({ type }) => favourites.has(type));
  const groups = CATEGORIES.map((title) => ({
    title,
    entries: found.filter(({ type }) => lookOf(type).title === title),
  }));
  return [{ title: "Favourites", entries: liked }, ...groups]
    .filter(({ entries }) => entries.length > 0);
}
