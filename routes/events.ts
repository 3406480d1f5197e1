/**
 * What happens, as it happens: server-sent events with a cursor.
 *
 * @module
 */
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { EngineEvent } from "../engine/mod.ts";
import type { ManagementOptions } from "./management.ts";

/** How long a silent stream waits before it shows that it lives, in milliseconds. */
export const HEARTBEAT_MS = 15_000;

/** How many events wait for a slow reader before it must start anew. */
export const BACKLOG_MAX = 1_000;

/** Mounted at `/api/events`. `Last-Event-ID` goes on where a reader left. */
export function eventRoutes({ engine, signal }: ManagementOptions): Hono {
  const app = new Hono();
  app.get("/", (context) =>
    streamSSE(context, async (stream) => {
      const waiting: EngineEvent[] = [];
      let wake = () => {};
      let isOpen = true;
      let overflow = false;
      const close = () => {
        isOpen = false;
        wake();
      };
      stream.onAbort(close);
      signal.addEventListener("abort", close, { once: true });
      const unwatch = engine.events.watch((event) => {
        if (waiting.length < BACKLOG_MAX) waiting.push(event);
        else overflow = true;
        wake();
      });
      try {
        await catchUp(context.req.header("last-event-id"));
        while (isOpen && !signal.aborted) {
          if (overflow) {
            waiting.length = 0;
            overflow = false;
            await stream.writeSSE({ event: "reset", data: "{}", id: cursor() });
          }
          const event = waiting.shift();
          if (event) await write(event);
          else if (!await woken()) await stream.write(": heartbeat\n\n");
        }
      } finally {
        unwatch();
        signal.removeEventListener("abort", close);
      }

      async function catchUp(last: string | undefined): Promise<void> {
        const seen = last === undefined ? NaN : Number(last);
        const missed = Number.isInteger(seen)
          ? engine.events.since(seen)
          : undefined;
        if (missed) { for (const event of missed) await write(event); }
        else {await stream.writeSSE({
            event: "reset",
            data: "{}",
            id: cursor(),
          });}
      }

      function write({ cursor, kind, ...data }: EngineEvent): Promise<void> {
        return stream.writeSSE({
          id: String(cursor),
          event: kind,
          data: JSON.stringify(data),
        });
      }

      function cursor(): string {
        return String(engine.events.cursor);
      }

      /** Whether something came before the heartbeat was due. */
      function woken(): Promise<boolean> {
        return new Promise((resolve) => {
          const timer = setTimeout(() => resolve(false), HEARTBEAT_MS);
          wake = () => {
            clearTimeout(timer);
            resolve(true);
          };
        });
      }
    }));
  return app;
}
