/**
 * Narrows the list: by status, application, pipeline, time, and words.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { RUN_STATUSES, type RunStatus } from "@engine/run/journal.ts";
import { Icon } from "../icons.tsx";
import { toneOf } from "../parts/pill.tsx";
import type { RunCounts } from "./run_list.ts";
import { type RunFilter, TIMES } from "./run_filter.ts";
import { stepWord } from "./step_status.ts";
import type { KnownApplication } from "./start_run.tsx";

/** How long to wait for the next letter, in milliseconds. */
const TYPING_MS = 250;

/** What is narrowed. */
export interface RunFiltersProps {
  readonly filter: RunFilter;
  readonly counts: RunCounts | undefined;
  readonly applications: readonly KnownApplication[];
  readonly onFilter: (filter: RunFilter) => void;
}

/** See the module comment. */
export function RunFilters(props: RunFiltersProps): JSX.Element {
  const { filter, applications, onFilter } = props;
  const pipelines = applications
    .filter(({ id }) => !filter.application || id === filter.application)
    .flatMap((each) => each.pipelines);
  return (
    <search class="run-filters">
      <Search
        text={filter.text ?? ""}
        onText={(text) => onFilter({ ...filter, text: text || undefined })}
      />
      {applications.length > 1 && (
        <Choice
          name="Application"
          all="Every application"
          value={filter.application}
          values={applications.map(({ id }) => [id, id])}
          onChoose={(application) => onFilter({ ...filter, application })}
        />
      )}
      <Choice
        name="Pipeline"
        all="Every pipeline"
        value={filter.pipeline}
        values={[...new Set(pipelines)].sort().map((id) => [id, id])}
        onChoose={(pipeline) => onFilter({ ...filter, pipeline })}
      />
      <Choice
        name="Time"
        all="Any time"
        value={filter.time}
        values={Object.entries(TIMES).map(([id, { text }]) => [id, text])}
        onChoose={(time) => onFilter({ ...filter, time })}
      />
      <Chips {...props} />
    </search>
  );
}

function Search(
  { text, onText }: {
    readonly text: string;
    readonly onText: (text: string) => void;
  },
): JSX.Element {
  const [typed, setTyped] = useState(text);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed.trim() === text) return;
    const timer = setTimeout(() => onText(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element &&
        event.target.closest("input, textarea, select, dialog");
      if (event.key !== "/" || isTyping) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
  return (
    <div class="search-field">
      <Icon name="search" />
      <input
        ref={field}
        class="field"
        type="search"
        aria-label="Search runs"
        placeholder="Key, id or pipeline"
        maxLength={200}
        value={typed}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

function Choice(
  { name, all, value, values, onChoose }: {
    readonly name: string;
    readonly all: string;
    readonly value: string | undefined;
    readonly values: readonly (readonly [string, string])[];
    readonly onChoose: (value: string | undefined) => void;
  },
): JSX.Element {
  // What the address names is chosen, also if there is no such thing any more.
  const isKnown = value === undefined || values.some(([id]) => id === value);
  return (
    <select
      class="field"
      aria-label={name}
      value={value ?? ""}
      onChange={({ currentTarget }) =>
        onChoose(currentTarget.value || undefined)}
    >
      <option value="">{all}</option>
      {!isKnown && <option value={value}>{value}</option>}
      {values.map(([id, text]) => <option key={id} value={id}>{text}</option>)}
    </select>
  );
}

/** One for each status; several may be on. */
function Chips(
  { filter, counts, onFilter }: RunFiltersProps,
): JSX.Element {
  const { statuses } = filter;
  const toggle = (status: RunStatus) => {
    const next = statuses.includes(status)
      ? statuses.filter((each) => each !== status)
      : [...statuses, status];
    onFilter({ ...filter, statuses: next });
  };
  return (
    <div class="run-chips" role="group" aria-label="Status">
      <button
        type="button"
        class="run-chip"
        aria-pressed={statuses.length === 0}
        onClick={() => onFilter({ ...filter, statuses: [] })}
      >
        All
      </button>
      {RUN_STATUSES.map((status) => (
        <button
          key={status}
          type="button"
          class="run-chip"
          aria-pressed={statuses.includes(status)}
          onClick={() => toggle(status)}
        >
          <span class={`run-dot tone-${toneOf(status)}`}></span>
          {status === "pending" ? "Pending" : stepWord(status)}
          <span class="run-chip-count number">{countText(counts, status)}</span>
        </button>
      ))}
    </div>
  );
}

function countText(counts: RunCounts | undefined, status: RunStatus): string {
  if (counts === undefined) return "";
  const count = counts.counts[status];
  return count.toLocaleString() + (counts.isPartial && count > 0 ? "+" : "");
}
