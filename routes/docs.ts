/**
 * The pages that problems link to. They say what this build can do and nothing
 * about what it runs, so they need no token.
 *
 * @module
 */
import { Hono } from "hono";
import { type Catalog, docsPages } from "../engine/mod.ts";
import { problem } from "./problem_answer.ts";

/** Mounted at `/docs`. Pages are Markdown, sent as text that a browser shows. */
export function docsRoutes(catalog: Catalog): Hono {
  const app = new Hono();
  let pages: ReadonlyMap<string, string> | undefined;
  app.get("/*", ({ req }) => {
    // Made at the first question: a start should not wait for it.
    const all = pages ??= docsPages(catalog);
    const path = req.path.replace(/^\/docs\/?/, "").replace(/\/$/, "");
    const page = all.get(`${path}.md`) ??
      all.get(path === "" ? "README.md" : `${path}/README.md`);
    if (page === undefined) {
      return problem(404, "not-found", `No page is called "${path}"`);
    }
    return new Response(page, {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "max-age=300",
      },
    });
  });
  return app;
}
