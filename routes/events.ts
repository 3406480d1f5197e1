/**
 * What happens, as it happens: server-sent events with a cursor.
 *
 * @module
 */
import { Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { BACKLOG_MAX, EventBacklog, type Told } from "./event_backlog.ts";
import type { ManagementOptions } from "./management.ts";

/** How long a silent stream waits before it shows that it lives, in milliseconds. */
export const HEARTBEAT_MS = 15_000;

/**
 * Mounted at `/api/events`. `Last-Event-ID` goes on where a reader left; with
 * `?recent=1` a new reader gets what is remembered first.
 */
export function eventRoutes({ engine, signal }: ManagementOptions): Hono {
  const app = new Hono();
  app.get("/", (context) =>
    streamSSE(context, async (stream) => {
      const last = Number(context.req.header("last-event-id") ?? NaN);
      const isRecent = context.req.query("recent") === "1";
      const oldest = Math.max(0, engine.events.cursor - BACKLOG_MAX);
      const seen = Number.isInteger(last)
        ? last
        : isRecent
        ? oldest
        : undefined;
      const backlog = new EventBacklog(engine.events, seen);
      const close = () => backlog.close();
      stream.onAbort(close);
      signal.addEventListener("abort", close, { once: true });
      if (signal.aborted) close();
      try {
        for (;;) {
          const told = await backlog.next(HEARTBEAT_MS);
          if (told.kind === "closed") return;
          await write(stream, told);
        }
      } finally {
        close();
        signal.removeEventListener("abort", close);
      }
    }));
  return app;
}

async function write(
  stream: SSEStreamingApi,
  told: Exclude<Told, { kind: "closed" }>,
): Promise<void> {
  if (told.kind === "quiet") {
    await stream.write(": heartbeat\n\n");
  } else if (told.kind === "reset") {
    await stream.writeSSE({
      event: "reset",
      data: "{}",
      id: String(told.cursor),
    });
  } else {
    const { cursor, kind, ...data } = told.event;
    const text = JSON.stringify(data);
    await stream.writeSSE({ id: String(cursor), event: kind, data: text });
  }
}
