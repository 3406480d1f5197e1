/**
 * The event stream with what was before: the newest first, a bounded number.
 *
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { listenTo } from "../api.ts";
import type { Connection, LiveEvent } from "./live.ts";

/** The kinds of events that the engine tells. */
export const KINDS = [
  ...["application", "module", "transition", "workflow", "run"],
  ...["message", "notice"],
];

/** How many events are kept; the oldest go first. */
export const EVENTS_MAX = 1_000;

/** How long events are collected before they are shown, in milliseconds. */
const SHOW_MS = 200;

/** When it is tried anew after the engine has refused, in milliseconds. */
const RETRY_MS = 3_000;

/** One event with its place in the stream. */
export interface LoggedEvent extends LiveEvent {
  /** Ascends; ids of the stream begin anew with the engine. */
  readonly place: number;
  readonly application?: string;
  readonly module?: string;
  readonly severity?: "info" | "warning" | "error";
}

/** What a component has of the stream. */
export interface EventLog {
  /** The newest first. */
  readonly events: readonly LoggedEvent[];
  readonly connection: Connection;
  /** How often something was missed, since the page was too slow or away. */
  readonly gaps: number;
  readonly clear: () => void;
}

/** Listens as long as the component is there. @param keeps Others are dropped. */
export function useEvents(
  keeps: (event: LoggedEvent) => boolean = () => true,
): EventLog {
  const [events, setEvents] = useState<readonly LoggedEvent[]>([]);
  const [connection, setConnection] = useState<Connection>("connecting");
  const [gaps, setGaps] = useState(0);
  const filter = useRef(keeps);
  filter.current = keeps;
  useEffect(() => {
    let waiting: LoggedEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      const fresh = waiting.toReversed();
      waiting = [];
      setEvents((before) => [...fresh, ...before].slice(0, EVENTS_MAX));
    };
    const close = listen({
      onConnection: setConnection,
      onGap: () => setGaps((before) => before + 1),
      onEvent(event) {
        if (!filter.current(event)) return;
        waiting.push(event);
        if (waiting.length > EVENTS_MAX) waiting.shift();
        timer ??= setTimeout(show, SHOW_MS);
      },
    });
    return () => {
      close();
      clearTimeout(timer);
    };
  }, []);
  return { events, connection, gaps, clear: () => setEvents([]) };
}

interface Listener {
  readonly onConnection: (connection: Connection) => void;
  /** Something was missed. */
  readonly onGap: () => void;
  readonly onEvent: (event: LoggedEvent) => void;
}

/** Listens, also after an answer at which browsers give up. Returns what ends it. */
function listen({ onConnection, onGap, onEvent }: Listener): () => void {
  let place = 0;
  /** What came last, so that nothing is told twice after a new beginning. */
  let last = { id: 0, at: 0 };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stream = open();
  function open(): EventSource {
    const source = listenTo("/api/events?recent=1");
    source.onopen = () => onConnection("open");
    source.onerror = () => {
      onConnection("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(() => stream = open(), RETRY_MS);
    };
    source.addEventListener("reset", () => {
      if (place > 0) onGap();
    });
    for (const kind of KINDS) {
      source.addEventListener(kind, ({ data, lastEventId }) => {
        const event = { ...JSON.parse(data), kind, place: place + 1 };
        const id = Number(lastEventId);
        if (id <= last.id && event.at <= last.at) return;
        last = { id, at: event.at };
        place++;
        onEvent(event);
      });
    }
    return source;
  }
  return () => {
    stream.close();
    clearTimeout(timer);
  };
}
