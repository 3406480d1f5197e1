/**
 * What the engine tells while it happens.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { listenTo } from "../api.ts";

/** One event of the stream; the fields depend on its kind. */
export interface LiveEvent {
  readonly kind: string;
  readonly at: number;
  readonly message?: string;
  readonly [field: string]: unknown;
}

/** Whether the stream is there. */
export type Connection = "connecting" | "open" | "lost";

/**
 * Calls back for every event of some kinds, as long as the component is there.
 * After a break the browser asks for what it has missed.
 */
export function useLive(
  kinds: readonly string[],
  onEvent: (event: LiveEvent) => void,
): Connection {
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => {
    const stream = listenTo("/api/events");
    stream.onopen = () => setConnection("open");
    stream.onerror = () => setConnection("lost");
    for (const kind of kinds) {
      stream.addEventListener(kind, ({ data }) => {
        onEvent({ ...JSON.parse(data), kind });
      });
    }
    return () => stream.close();
  }, [kinds.join()]);
  return connection;
}
