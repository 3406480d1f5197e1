/**
 * The configuration that runs, over HTTP. Where several documents run,
 * `?document=` names one.
 *
 * @module
 */
import { Hono } from "hono";
import { editDocument, hasErrors, parse } from "../engine/mod.ts";
import type { StoredDocument } from "../platform/documents.ts";
import { text, unknown } from "./documents.ts";
import type { ManagementOptions } from "./management.ts";
import { problem } from "./problem_answer.ts";

/**
 * Mounted at `/api/workflow/config`. A write is kept and runs after the next
 * reload.
 */
export function configRoutes({ engine, documents }: ManagementOptions): Hono {
  const app = new Hono();

  function idOf(query: string | undefined): string {
    return query ?? engine.applications[0]?.id ?? "";
  }

  app.get("/", async (context) => {
    const id = idOf(context.req.query("document"));
    const source = engine.source(id);
    if (!source) return unknown(id);
    const stored = await documents.get(id);
    if (context.req.header("accept")?.includes("yaml") && stored) {
      return text({ ...stored, text: source.text });
    }
    const { document } = parse(source.text, source.file);
    return context.json(
      asObject(document?.value),
      200,
      stored ? { etag: stored.etag } : {},
    );
  });
  app.put("/", async (context) => {
    const id = idOf(context.req.query("document"));
    const stored = await documents.get(id);
    if (!stored) return unknown(id);
    const match = context.req.header("if-match");
    if (match !== undefined && match !== stored.etag) {
      return problem(412, "changed", "Somebody else has changed the document", {
        headers: { etag: stored.etag },
      });
    }
    const body = await context.req.text();
    const next = newText(stored, body, context.req.header("content-type"));
    if (next instanceof Response) return next;
    const { problems } = await engine.load(
      documents.source({ ...stored, text: next }),
    );
    if (hasErrors(problems)) {
      return problem(422, "invalid-document", "The document has errors", {
        problems,
      });
    }
    const written = await documents.put(id, next, stored.etag);
    if (written.kind === "changed") {
      return problem(412, "changed", "Somebody else has changed the document");
    }
    return context.json({ status: "ok", problems }, 200, {
      etag: written.document.etag,
    });
  });
  return app;
}

/** YAML replaces the text; JSON is applied to it as a diff. */
function newText(
  stored: StoredDocument,
  body: string,
  contentType = "application/json",
): string | Response {
  if (contentType.includes("yaml")) return body;
  if (!contentType.includes("json")) {
    return problem(415, "unsupported-media-type", "Send JSON or YAML");
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return problem(
      400,
      "invalid-json",
      `The body is not JSON: ${(error as Error).message}`,
    );
  }
  const { document, problems } = parse(stored.text, stored.file);
  if (!document) {
    return problem(
      409,
      "invalid-document",
      "The kept text is not YAML: send YAML",
      {
        problems,
      },
    );
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return problem(400, "invalid-json", "A document is a JSON object");
  }
  if (isTooDeep(value)) {
    return problem(
      400,
      "invalid-json",
      `The body nests deeper than ${JSON_DEPTH_MAX} levels`,
    );
  }
  return editDocument(document, value as Readonly<Record<string, unknown>>);
}

/** How deep the JSON of a document may nest, in levels: as deep as its YAML. */
const JSON_DEPTH_MAX = 64;

/** Level by level instead of by recursion: the depth is what is in question. */
function isTooDeep(value: object): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > JSON_DEPTH_MAX) return true;
    level = level.flatMap((item) => Object.values(item as object))
      .filter((item) => item !== null && typeof item === "object");
  }
  return false;
}

function asObject(value: unknown): Record<string, unknown> {
  const empty = { modules: [], workflows: {}, triggers: {} };
  return value !== null && typeof value === "object"
    ? { ...empty, ...value }
    : empty;
}
