/**
 * Long lists in pages, and a field that narrows them.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";

/** How many rows a page has. */
export const PAGE_ROWS = 50;

/** Part of a list. */
export interface Page<T> {
  readonly rows: readonly T[];
  /** How many rows stand before the page. */
  readonly start: number;
  readonly total: number;
  readonly go: (start: number) => void;
}

/** A page of a list that is there as a whole. */
export function usePage<T>(all: readonly T[], size = PAGE_ROWS): Page<T> {
  const [wanted, go] = useState(0);
  // A list that became shorter has no page where the last one was.
  const last = Math.max(0, Math.floor((all.length - 1) / size) * size);
  const start = Math.min(wanted, last);
  return { rows: all.slice(start, start + size), start, total: all.length, go };
}

/** Goes through the pages; nothing where there is one only. */
export function Pager(
  { page: { rows, start, total, go }, size = PAGE_ROWS }: {
    readonly page: Page<unknown>;
    readonly size?: number;
  },
): JSX.Element | null {
  if (total <= size) return null;
  return (
    <Steps
      text={`${number(start + 1)} to ${number(start + rows.length)} of ${
        number(total)
      }`}
      onBack={start > 0 ? () => go(start - size) : undefined}
      onOn={start + size < total ? () => go(start + size) : undefined}
    />
  );
}

/** One page back and one on. */
export function Steps(
  { text, onBack, onOn, back = "Previous", on = "Next" }: {
    readonly text: string;
    readonly onBack: (() => void) | undefined;
    readonly onOn: (() => void) | undefined;
    readonly back?: string;
    readonly on?: string;
  },
): JSX.Element {
  return (
    <nav class="pager" aria-label="Pages">
      <span class="quiet number">{text}</span>
      <span class="grow"></span>
      <button
        type="button"
        class="button small"
        disabled={!onBack}
        onClick={onBack}
      >
        {back}
      </button>
      <button
        type="button"
        class="button small"
        disabled={!onOn}
        onClick={onOn}
      >
        {on}
      </button>
    </nav>
  );
}

/** A field that narrows a list; `/` goes there. */
export function Search(
  { label, value, onInput }: {
    readonly label: string;
    readonly value: string;
    readonly onInput: (value: string) => void;
  },
): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const go = (event: KeyboardEvent) => {
      if (event.key !== "/" || isWriting(event.target)) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener("keydown", go);
    return () => removeEventListener("keydown", go);
  }, []);
  return (
    <span class="finder">
      <Icon name="search" size={14} />
      <input
        ref={field}
        type="search"
        class="field"
        title={`${label} (/)`}
        aria-keyshortcuts="/"
        aria-label={label}
        placeholder={label}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </span>
  );
}

/** Whether a key belongs to what is written, or to a sheet over the page. */
function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element &&
    target.closest("input, textarea, select, dialog, [contenteditable]") !==
      null;
}

const NUMBER = new Intl.NumberFormat();

/** A number as people read it: `10,000`. */
export function number(value: number): string {
  return NUMBER.format(value);
}

/** `1 call`, `2 calls`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}
