/**
 * One run that stands at a breakpoint: what it has, and how it goes on.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { z } from "zod";
import { debugView, type JsonValue } from "../engine/mod.ts";
import type { ManagementOptions } from "./management.ts";
import { bodyOf } from "./request_body.ts";
import { applicationsOf, findRun } from "./run_query.ts";

/** Mounted at `/api/runs`. */
export function runDebugRoutes({ engine }: ManagementOptions): Hono {
  const app = new Hono();
  const found = (context: Context) =>
    findRun(applicationsOf(engine, context), context.req.param("id") ?? "");

  app.get("/:id/debug", async (context) => {
    const { application, view } = await found(context);
    const seen = await debugView(application.runs, view);
    return context.json(
      engine.redacted({ application: application.id, ...seen }),
    );
  });
  for (const how of ["continue", "step"] as const) {
    app.post(`/:id/debug/${how}`, async (context) => {
      const { application: { runs }, view } = await found(context);
      const { step, with: given } = await bodyOf(context, RESUME);
      const { id } = view.summary;
      await runs.resume(id, {
        how,
        ...step === undefined ? {} : { step },
        ...given === undefined ? {} : { with: given as JsonValue },
      });
      const now = await runs.get(id);
      const status = (now ?? view).summary.status;
      return context.json({ run: id, status }, 202);
    });
  }
  return app;
}

const RESUME = z.strictObject({
  step: z.string().min(1).optional(),
  with: z.record(z.string(), z.json()).optional(),
});
