/**
 * What happens, as it happens: the newest first, filtered, paused, and a way to
 * what each event is about.
 *
 * @module
 */
import { useState } from "preact/hooks";
import {
  EVENTS_MAX,
  KINDS,
  type LoggedEvent,
  useEvents,
} from "../parts/events.ts";
import { count, number, Pager, Search, usePage } from "../parts/pager.tsx";
import { StreamState } from "../parts/stream_state.tsx";
import { useQuery } from "../parts/tabs.tsx";
import { Icon } from "../icons.tsx";
import type { Connection } from "../parts/live.ts";
import { Empty, Failure, Loading } from "../parts/states.tsx";
import { EventList } from "./event_list.tsx";

/** Severities, the worst first. */
const SEVERITIES = ["error", "warning", "info"];

/** How many rows a page has. */
const ROWS = 100;

/** What is shown of all. */
interface Filter {
  readonly kind: string;
  readonly severity: string;
  readonly application: string;
  readonly text: string;
}

export default function Events(_: Readonly<Record<string, never>>) {
  const { events, connection, gaps, clear } = useEvents();
  const [filter, setters] = useFilter();
  const [frozen, setFrozen] = useState<readonly LoggedEvent[]>();
  const shown = frozen ?? events;
  const found = shown.filter((event) => isMeant(event, filter));
  const page = usePage(found, ROWS);
  const newest = events[0]?.place ?? 0;
  const waiting = frozen === undefined
    ? 0
    : Math.min(newest - (frozen[0]?.place ?? 0), EVENTS_MAX);
  return (
    <div class="page">
      <header>
        <h1>Events</h1>
        <StreamState connection={connection} />
        <span class="grow"></span>
        <button
          type="button"
          class="button"
          disabled={events.length === 0}
          onClick={() => {
            clear();
            setFrozen(undefined);
          }}
        >
          Clear
        </button>
        <button
          type="button"
          class="button"
          aria-pressed={frozen !== undefined}
          onClick={() => setFrozen(frozen === undefined ? events : undefined)}
        >
          <Icon name={frozen === undefined ? "pause" : "play"} size={14} />
          {frozen === undefined ? "Pause" : "Resume"}
        </button>
      </header>
      <Filters filter={filter} setters={setters} events={shown} />
      <Told {...{ gaps, waiting, isPaused: frozen !== undefined }} />
      <div class="card">
        {found.length === 0
          ? <None isFiltered={shown.length > 0} connection={connection} />
          : <EventList events={page.rows} />}
        <Pager page={page} size={ROWS} />
      </div>
      <p class="quiet">
        {found.length === shown.length
          ? count(shown.length, "event")
          : `${number(found.length)} of ${count(shown.length, "event")}`}
        {shown.length >= EVENTS_MAX && ", the newest are kept"}
      </p>
    </div>
  );
}

/** What is shown, as the address has it, and what changes each part. */
function useFilter() {
  const [kind, setKind] = useQuery("kind");
  const [severity, setSeverity] = useQuery("severity");
  const [application, setApplication] = useQuery("application");
  const [text, setText] = useQuery("q");
  const filter: Filter = { kind, severity, application, text };
  const setters = { setKind, setSeverity, setApplication, setText };
  return [filter, setters] as const;
}

function isMeant(event: LoggedEvent, filter: Filter): boolean {
  const { kind, severity, application, text } = filter;
  const isText = text === "" ||
    JSON.stringify(event).toLowerCase().includes(text.toLowerCase());
  return isText && (kind === "" || event.kind === kind) &&
    (application === "" || event.application === application) &&
    (severity === "" || (event.severity ?? "info") === severity);
}

function Filters(
  { filter, setters, events }: {
    readonly filter: Filter;
    readonly setters: ReturnType<typeof useFilter>[1];
    readonly events: readonly LoggedEvent[];
  },
) {
  const applications = new Set(
    events.map(({ application }) => application ?? "").filter(Boolean),
  );
  if (filter.application !== "") applications.add(filter.application);
  return (
    <div class="tool-row" role="search" aria-label="Events">
      <Search
        label="Find a text"
        value={filter.text}
        onInput={setters.setText}
      />
      <Choice
        label="Kind"
        all="Every kind"
        options={KINDS}
        value={filter.kind}
        onChange={setters.setKind}
      />
      <Choice
        label="Severity"
        all="Every severity"
        options={SEVERITIES}
        value={filter.severity}
        onChange={setters.setSeverity}
      />
      <Choice
        label="Document"
        all="Every document"
        options={[...applications].sort()}
        value={filter.application}
        onChange={setters.setApplication}
      />
    </div>
  );
}

function Choice(
  { label, all, options, value, onChange }: {
    readonly label: string;
    readonly all: string;
    readonly options: readonly string[];
    readonly value: string;
    readonly onChange: (value: string) => void;
  },
) {
  return (
    <select
      class="field"
      aria-label={label}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      <option value="">{all}</option>
      {options.map((option) => (
        <option key={option} value={option}>
          {option.charAt(0).toUpperCase() + option.slice(1)}
        </option>
      ))}
    </select>
  );
}

function Told(
  { gaps, waiting, isPaused }: {
    readonly gaps: number;
    readonly waiting: number;
    readonly isPaused: boolean;
  },
) {
  return (
    <>
      {isPaused && (
        <p class="notice notice-row wait" role="status">
          Paused. {count(waiting, "event")} came since.
        </p>
      )}
      {gaps > 0 && (
        <p class="notice notice-row wait" role="status">
          Some events are missing: more came than this page could take, or the
          engine started anew.
        </p>
      )}
    </>
  );
}

function None(
  { isFiltered, connection }: {
    readonly isFiltered: boolean;
    readonly connection: Connection;
  },
) {
  if (isFiltered) return <Empty icon="search" title="No event is like this" />;
  switch (connection) {
    case "connecting":
      return (
        <div class="rows-loading">
          <Loading name="The event log" />
        </div>
      );
    case "lost":
      return (
        <Failure
          title="Cannot show the events"
          error="The engine does not answer. The page tries again by itself."
        />
      );
    case "open":
      return (
        <Empty icon="list" title="Nothing happened yet">
          <p>
            Runs, transitions, messages and notices appear here as they happen.
          </p>
        </Empty>
      );
  }
}
