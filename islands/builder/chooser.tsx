/**
 * A field to search in, with what is found below it: arrows go through it, Enter
 * takes one.
 *
 * @module
 */
import { useId, useMemo, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";

/** One thing that can be taken. */
export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly detail?: string;
  readonly keys?: string;
}

/** How many are shown; a longer search finds the others. */
const SHOWN_MAX = 50;

export function Chooser<C extends Choice>(
  { label, choices, onChoose }: {
    readonly label: string;
    readonly choices: readonly C[];
    readonly onChoose: (choice: C) => void;
  },
) {
  const id = useId();
  const [search, setSearch] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(() => foundIn(choices, search), [choices, search]);
  const active = found[Math.min(at, found.length - 1)];
  function press(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown"
      ? 1
      : event.key === "ArrowUp"
      ? -1
      : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((found.indexOf(active as C) + step + found.length) % found.length);
    } else if (event.key === "Enter" && active) {
      event.preventDefault();
      onChoose(active);
    }
  }
  return (
    <div class="chooser">
      <label class="search">
        <Icon name="search" size={14} />
        <span class="hidden">{label}</span>
        <input
          autofocus
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={active && `${id}-${active.id}`}
          placeholder={label}
          value={search}
          onInput={({ currentTarget }) => {
            setSearch(currentTarget.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
      </label>
      <ul id={id} role="listbox" aria-label={label}>
        {found.map((choice) => (
          <li
            key={choice.id}
            id={`${id}-${choice.id}`}
            role="option"
            aria-selected={choice === active}
            ref={choice === active ? visible : null}
            onClick={() => onChoose(choice)}
          >
            <span>{choice.name}</span>
            {choice.detail && <code>{choice.detail}</code>}
            {choice.keys && <kbd aria-hidden="true">{choice.keys}</kbd>}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="quiet">Nothing is called “{search}”.</p>}
    </div>
  );
}

function visible(row: HTMLElement | null): void {
  row?.scrollIntoView({ block: "nearest" });
}

/** What has all the words; names that begin with the search come first. */
function foundIn<C extends Choice>(
  choices: readonly C[],
  search: string,
): readonly C[] {
  const wanted = search.trim().toLowerCase();
  const words = wanted.split(/\s+/);
  const found = choices.filter(({ name, detail = "" }) => {
    const text = `${name} ${detail}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const isFirst = ({ name }: C) => name.toLowerCase().startsWith(wanted);
  return [
    ...found.filter(isFirst),
    ...found.filter((choice) => !isFirst(choice)),
  ].slice(0, SHOWN_MAX);
}
