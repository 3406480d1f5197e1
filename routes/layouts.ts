/**
 * Where the builder has put the things of a document, over HTTP.
 *
 * @module
 */
import { Hono } from "hono";
import { LAYOUT, type Layouts } from "../platform/layouts.ts";
import type { Documents } from "../platform/documents.ts";
import { unknown } from "./documents.ts";
import { problem } from "./problem_answer.ts";

/** Mounted at `/api/documents`. */
export function layoutRoutes(documents: Documents, layouts: Layouts): Hono {
  const app = new Hono();
  app.get("/:id/layout", async (context) => {
    const id = context.req.param("id");
    if (!await documents.get(id)) return unknown(id);
    return context.json(await layouts.get(id));
  });
  app.put("/:id/layout", async (context) => {
    const id = context.req.param("id");
    if (!await documents.get(id)) return unknown(id);
    const body = LAYOUT.safeParse(await context.req.json().catch(() => null));
    if (!body.success) {
      return problem(400, "invalid-body", "The body is no layout");
    }
    await layouts.put(id, body.data);
    return context.body(null, 204);
  });
  return app;
}
