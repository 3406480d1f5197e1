/**
 * Finds a module by its name or type, chooses it, and brings it into view.
 *
 * @module
 */
import { useRef, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { useStore } from "./context.ts";

/** Modules that are offered. */
const FOUND_MAX = 8;

export function Finder() {
  const store = useStore();
  const field = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState("");
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? [] : store.graph.value.modules
    .filter(({ name, type }) =>
      words.every((word) => `${name} ${type}`.toLowerCase().includes(word))
    )
    .slice(0, FOUND_MAX);
  function choose(name: string): void {
    store.showNamed("modules");
    store.select([name]);
    store.sought.value = name;
    setSearch("");
    field.current?.blur();
  }
  return (
    <div class="lookup">
      <label class="search">
        <Icon name="search" size={14} />
        <span class="hidden">Find a module</span>
        <input
          ref={field}
          type="search"
          placeholder="Find"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          onKeyDown={({ key }) => {
            const [first] = found;
            if (key === "Enter" && first) choose(first.name);
            if (key === "Escape") setSearch("");
          }}
        />
        <kbd>/</kbd>
      </label>
      {found.length > 0 && (
        <ul>
          {found.map(({ name, type }) => (
            <li key={name}>
              <button type="button" onClick={() => choose(name)}>
                <strong>{name}</strong> <code>{type}</code>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
