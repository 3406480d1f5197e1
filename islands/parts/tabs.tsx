/**
 * Tabs whose choice stands in the address, so that it can be sent to somebody.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** One of them. */
export interface Tab {
  readonly id: string;
  readonly name: string;
  readonly count?: number | undefined;
  readonly show: () => ComponentChildren;
}

/** Arrows go from one to the next, as do Home and End. */
export function Tabs(
  { label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] },
): JSX.Element {
  const ids = tabs.map(({ id }) => id);
  const [chosen, choose] = useQuery("tab", ids[0] ?? "");
  const shown = tabs.find(({ id }) => id === chosen) ?? tabs[0];
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const at = ids.indexOf(shown?.id ?? "");
    const next = placeAfter(event.key, at, ids.length);
    if (next === undefined) return;
    event.preventDefault();
    choose(ids[next] ?? "");
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <>
      <div
        class="tab-bar"
        role="tablist"
        aria-label={label}
        ref={list}
        onKeyDown={move}
      >
        {tabs.map(({ id, name, count }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={id === shown?.id}
            aria-controls="tab-panel"
            tabIndex={id === shown?.id ? 0 : -1}
            onClick={() => choose(id)}
          >
            {name}
            {count !== undefined && count > 0 && <b>{count}</b>}
          </button>
        ))}
      </div>
      <div
        class="tab-body"
        role="tabpanel"
        id="tab-panel"
        aria-labelledby={`tab-${shown?.id}`}
      >
        {shown?.show()}
      </div>
    </>
  );
}

/** Where a key leads from one of several; absent if it leads nowhere. */
export function placeAfter(
  key: string,
  at: number,
  length: number,
): number | undefined {
  switch (key) {
    case "ArrowRight":
      return (at + 1) % length;
    case "ArrowLeft":
      return (at + length - 1) % length;
    case "Home":
      return 0;
    case "End":
      return length - 1;
  }
  return undefined;
}

/** A value that stands in the query of the address. */
export function useQuery(
  name: string,
  initial = "",
): [string, (value: string) => void] {
  const [value, setValue] = useState(() => read(name) ?? initial);
  useEffect(() => {
    const follow = () => setValue(read(name) ?? initial);
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, [name]);
  return [value, (next) => {
    const url = new URL(location.href);
    if (next === initial) url.searchParams.delete(name);
    else url.searchParams.set(name, next);
    history.replaceState(null, "", url);
    setValue(next);
  }];
}

function read(name: string): string | undefined {
  return new URL(location.href).searchParams.get(name) ?? undefined;
}
