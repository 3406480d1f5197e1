/**
 * The pages that problems link to. They say what this build can do and nothing
 * about what it runs, so they need no token.
 *
 * @module
 */
import { Hono } from "hono";
import { fileURLToPath } from "node:url";
import { type Catalog, docsPages } from "../engine/mod.ts";
import { problem } from "./problem_answer.ts";

/** Pages that people write; the others derive from the definitions. */
const WRITTEN: ReadonlyMap<string, URL> = new Map([
  ["components.md", new URL("../docs/components.md", import.meta.url)],
  ["sandbox.md", new URL("../docs/sandbox.md", import.meta.url)],
  ["endpoints.md", new URL("../docs/endpoints.md", import.meta.url)],
  ["format.md", new URL("../docs/format.md", import.meta.url)],
  ["pipelines.md", new URL("../docs/pipelines.md", import.meta.url)],
  ["operating.md", new URL("../docs/operating.md", import.meta.url)],
]);

/** Mounted at `/docs`. Pages are Markdown, sent as text that a browser shows. */
export function docsRoutes(catalog: Catalog): Hono {
  const app = new Hono();
  let derived: ReadonlyMap<string, string> | undefined;

  async function page(name: string): Promise<string | undefined> {
    const written = WRITTEN.get(name);
    if (written) return await Deno.readTextFile(fileURLToPath(written));
    // Made at the first question: a start should not wait for it.
    derived ??= docsPages(catalog);
    return derived.get(name);
  }

  app.get("/*", async ({ req }) => {
    const path = req.path.replace(/^\/docs\/?/, "").replace(/\/$|\.md$/, "");
    const text = await page(`${path}.md`) ??
      await page(path === "" ? "README.md" : `${path}/README.md`);
    if (text === undefined) {
      return problem(404, "not-found", `No page is called "${path}"`);
    }
    return new Response(text, {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "max-age=300",
      },
    });
  });
  return app;
}
