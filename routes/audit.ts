/**
 * The audit log, over HTTP.
 *
 * @module
 */
import { Hono } from "hono";
import { type Audit, AUDIT_PAGE_MAX } from "../platform/audit.ts";

/** Mounted at `/api/audit`. `?before=` an id goes on behind a page. */
export function auditRoutes(audit: Audit): Hono {
  const app = new Hono();
  app.get("/", async (context) => {
    const { before, limit } = context.req.query();
    const wanted = Number(limit ?? AUDIT_PAGE_MAX);
    const entries = await audit.list({
      before,
      limit: wanted >= 1 ? wanted : AUDIT_PAGE_MAX,
    });
    return context.json(
      entries.map(({ at, ...entry }) => ({
        ...entry,
        at: new Date(at).toISOString(),
      })),
    );
  });
  return app;
}
