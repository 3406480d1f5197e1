/**
 * Events in rows; each opens to all that it says.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { at } from "../api.ts";
import type { LoggedEvent } from "../parts/events.ts";
import { Icon, type IconName } from "../icons.tsx";
import { timeText } from "../parts/time.ts";

const ICONS: Readonly<Record<string, IconName>> = {
  application: "box",
  module: "box",
  transition: "state",
  workflow: "route",
  run: "play",
  message: "message",
  notice: "list",
};

/** Fields that a row shows in another way. */
const SHOWN = ["kind", "at", "place", "v", "message"];

/** See the module comment. */
export function EventList(
  { events }: { readonly events: readonly LoggedEvent[] },
) {
  const [open, setOpen] = useState(-1);
  return (
    <ul class="event-list">
      {events.map((event) => (
        <Row
          key={event.place}
          event={event}
          isOpen={event.place === open}
          onToggle={() => setOpen(event.place === open ? -1 : event.place)}
        />
      ))}
    </ul>
  );
}

function Row(
  { event, isOpen, onToggle }: {
    readonly event: LoggedEvent;
    readonly isOpen: boolean;
    readonly onToggle: () => void;
  },
) {
  const { kind, message, severity = "info" } = event;
  return (
    <li class={`event-item ${severity}-event`}>
      <div class="event-row">
        <button
          type="button"
          class="event-title"
          aria-expanded={isOpen}
          onClick={onToggle}
        >
          <time
            class="quiet number"
            dateTime={new Date(event.at).toISOString()}
          >
            {timeText(event.at)}
          </time>
          <span class="event-kind">
            <Icon name={iconOf(event)} size={14} />
            {kind}
          </span>
          <span class="event-text">
            {severity !== "info" && <b>{word(severity)}</b>} {message}
          </span>
        </button>
        <Place event={event} />
      </div>
      {isOpen && <Fields event={event} />}
    </li>
  );
}

function iconOf({ kind, severity = "info" }: LoggedEvent): IconName {
  return severity === "info" ? ICONS[kind] ?? "list" : "warning";
}

function word(severity: string): string {
  return severity === "error" ? "Error" : "Warning";
}

/** Leads to what the event is about. */
function Place({ event }: { readonly event: LoggedEvent }) {
  const { application, module, run } = event;
  if (typeof run === "string") {
    return (
      <a
        class="event-place clipped"
        href={at(`/runs/${encodeURIComponent(run)}`)}
      >
        {run.slice(0, 10)}
      </a>
    );
  }
  if (application === undefined || application.startsWith("(")) {
    return <span class="event-place clipped quiet">{application}</span>;
  }
  const document = `/d/${encodeURIComponent(application)}`;
  if (module === undefined) {
    return <a class="event-place clipped" href={at(document)}>{application}</a>;
  }
  const node = new URLSearchParams({ view: "modules", node: module });
  return (
    <a
      class="event-place clipped"
      title={module}
      href={at(`${document}?${node}`)}
    >
      {module}
    </a>
  );
}

function Fields({ event }: { readonly event: LoggedEvent }) {
  const fields = Object.entries(event).filter(([key]) => !SHOWN.includes(key));
  return (
    <dl class="event-fields">
      {fields.map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>
            <code>
              {typeof value === "string" ? value : JSON.stringify(value)}
            </code>
          </dd>
        </div>
      ))}
    </dl>
  );
}
