/**
 * What a changed document would mean for the runs that are under way.
 *
 * @module
 */
import { Hono } from "hono";
import { impactOf } from "../engine/mod.ts";
import { unknown } from "./documents.ts";
import type { ManagementOptions } from "./management.ts";
import { problem } from "./problem_answer.ts";

/** Mounted at `/api/documents`. The body is the new text; nothing is changed. */
export function impactRoutes({ engine }: ManagementOptions): Hono {
  const app = new Hono();
  app.post("/:id/impact", async (context) => {
    const id = context.req.param("id");
    const application = engine.application(id);
    const source = engine.source(id);
    if (!application || !source) return unknown(id);
    const { plan, document, problems } = await engine.load({
      ...source,
      text: await context.req.text(),
    });
    if (!plan || !document) {
      return problem(422, "invalid-document", "The document has errors", {
        problems,
      });
    }
    const programs = plan.pipelines.flatMap(({ program }) => program ?? []);
    const impact = await impactOf(application.runs, programs, document);
    return context.json(engine.redacted({ document: id, ...impact }));
  });
  return app;
}
