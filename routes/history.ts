/**
 * What was measured in the last hour, over HTTP, as lines that can be drawn.
 *
 * @module
 */
import { Hono } from "hono";
import { HISTORY_SPAN_MS, HISTORY_SPANS_MAX } from "../engine/mod.ts";
import { unknown } from "./documents.ts";
import type { ManagementOptions } from "./management.ts";
import { wholeNumber } from "./run_query.ts";

const MINUTE_MS = 60_000;

/** How far back there is something, in minutes. */
const MINUTES_MAX = HISTORY_SPAN_MS * HISTORY_SPANS_MAX / MINUTE_MS;

/**
 * Mounted at `/api/metrics/history`. `?application=` says of which document,
 * `?minutes=` for how long; without these of all, for as long as there is.
 */
export function historyRoutes({ engine, effects }: ManagementOptions): Hono {
  const app = new Hono();
  app.get("/", (context) => {
    const id = context.req.query("application");
    if (id !== undefined && engine.application(id) === undefined) {
      return unknown(id);
    }
    const minutes = wholeNumber(context, "minutes", {
      ...{ min: 1, max: MINUTES_MAX, absent: MINUTES_MAX },
    });
    const view = engine.history.view({
      ...id === undefined ? {} : { application: id },
      forMs: minutes * MINUTE_MS,
    });
    return context.json({
      at: effects.clock.now(),
      spanMs: HISTORY_SPAN_MS,
      ...view,
    });
  });
  return app;
}
