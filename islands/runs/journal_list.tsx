/**
 * The journal, entry by entry, with the one that is looked at marked.
 *
 * @module
 */
import type { JSX } from "preact";
import { memo } from "preact/compat";
import type { Entry } from "@engine/run/journal.ts";
import { lengthText, timeText } from "../parts/time.ts";
import { textOf } from "./entry_text.ts";
import type { Past } from "./past.ts";
import { movedTo } from "./run_timeline.tsx";
import { useWindow } from "./virtual.ts";

/** How high a row is, in pixels; the style sheet says the same. */
const ROW_PX = 30;

/** What the list is of. */
export interface JournalListProps {
  readonly past: Past;
  readonly at: number;
  readonly turn: number;
  readonly onAt: (at: number) => void;
}

/** See the module comment. */
export function JournalList(
  { past, at, onAt }: JournalListProps,
): JSX.Element {
  const rows = useWindow({
    ...{ count: past.entries.length, rowHeight: ROW_PX, row: at },
  });
  const begin = past.entries[0]?.at ?? 0;
  const move = (event: KeyboardEvent) => {
    const key = SWAPPED[event.key] ?? event.key;
    const to = movedTo(key, at, past.last);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onAt(to);
  };
  return (
    <div
      class="journal"
      ref={rows.box}
      role="listbox"
      aria-label="Journal"
      aria-activedescendant={`entry-${at}`}
      tabIndex={0}
      onKeyDown={move}
    >
      <div style={{ height: `${rows.height}px` }} role="presentation">
        {past.entries.slice(rows.first, rows.end).map((entry, place) => (
          <JournalRow
            key={rows.first + place}
            index={rows.first + place}
            count={past.entries.length}
            entry={entry}
            begin={begin}
            isAt={rows.first + place === at}
            isLater={rows.first + place > at}
            onAt={onAt}
          />
        ))}
      </div>
    </div>
  );
}

/** In a list, down is forward. */
const SWAPPED: Readonly<Record<string, string>> = {
  ArrowDown: "ArrowRight",
  ArrowUp: "ArrowLeft",
};

interface RowProps {
  readonly index: number;
  readonly count: number;
  readonly entry: Entry;
  readonly begin: number;
  readonly isAt: boolean;
  readonly isLater: boolean;
  readonly onAt: (at: number) => void;
}

const JournalRow = memo(function JournalRow(
  { index, count, entry, begin, isAt, isLater, onAt }: RowProps,
): JSX.Element {
  const { what, about, detail, tone } = textOf(entry);
  return (
    <div
      id={`entry-${index}`}
      class={`journal-row${isAt ? " at" : ""}${isLater ? " later" : ""}`}
      role="option"
      aria-selected={isAt}
      aria-posinset={index + 1}
      aria-setsize={count}
      style={{ transform: `translateY(${index * ROW_PX}px)` }}
      title={[what, about, detail, timeText(entry.at)].join(" · ")}
      onClick={() => onAt(index)}
    >
      <span class="journal-number">{index + 1}</span>
      <span class={`run-dot tone-${tone}`}></span>
      <span class="journal-what">{what}</span>
      <code>{about}</code>
      <time>+{lengthText(Math.max(0, entry.at - begin))}</time>
    </div>
  );
});
