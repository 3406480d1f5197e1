/**
 * The running configuration over HTTP: schema, types, check, reload, status.
 *
 * @module
 */
import { Hono } from "hono";
import {
  describePlan,
  documentSchema,
  editDocument,
  hasErrors,
  palette,
  parse,
} from "../engine/mod.ts";
import type { StoredDocument } from "../platform/documents.ts";
import { text, unknown } from "./documents.ts";
import type { ManagementOptions } from "./management.ts";
import { problem } from "./problem_answer.ts";

/** Mounted at `/api`. Where several documents run, `?document=` names one. */
export function workflowRoutes({ engine, documents }: ManagementOptions): Hono {
  const app = new Hono();

  function idOf(query: string | undefined): string {
    return query ?? engine.applications[0]?.id ?? "";
  }

  app.get("/schema", () => {
    const schema = JSON.stringify(documentSchema(engine.catalog), null, 2);
    return new Response(schema, { headers: { "content-type": "application/schema+json" } });
  });
  app.get("/workflow/modules", (context) => context.json(palette(engine.catalog)));
  app.get("/workflow/config", async (context) => {
    const id = idOf(context.req.query("document"));
    const source = engine.source(id);
    if (!source) return unknown(id);
    const stored = await documents.get(id);
    if (context.req.header("accept")?.includes("yaml") && stored) {
      return text({ ...stored, text: source.text });
    }
    const { document } = parse(source.text, source.file);
    return context.json(asObject(document?.value), 200, stored ? { etag: stored.etag } : {});
  });
  app.put("/workflow/config", async (context) => {
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
    const { problems } = await engine.load({ file: stored.file, text: next });
    if (hasErrors(problems)) {
      return problem(422, "invalid-document", "The document has errors", { problems });
    }
    const written = await documents.put(id, next, stored.etag);
    if (written.kind === "changed") {
      return problem(412, "changed", "Somebody else has changed the document");
    }
    return context.json({ status: "ok", problems }, 200, { etag: written.document.etag });
  });
  app.post("/workflow/validate", async (context) => {
    const body = await context.req.text();
    const file = context.req.query("file") ?? "document.yaml";
    const { problems, plan } = await engine.load({ file, text: body });
    const errors = problems.filter(({ severity }) => severity === "error");
    return context.json({
      valid: errors.length === 0,
      errors: errors.map(({ path, message }) => ({ path, message })),
      problems,
      ...(plan ? { plan: describePlan(plan) } : {}),
    });
  });
  app.post("/workflow/reload", async (context) => {
    const wanted = context.req.query("document");
    const ids = wanted === undefined
      ? engine.applications.map(({ id }) => id)
      : [wanted];
    const warnings = [];
    for (const id of ids) {
      const stored = await documents.get(id);
      if (!stored || !engine.application(id)) return unknown(id);
      warnings.push(...await engine.reload(id, stored.text));
    }
    return context.json({ status: "reloaded", problems: warnings });
  });
  app.get("/workflow/status", (context) => {
    const applications = engine.applications.map((application) => ({
      id: application.id,
      phase: application.phase,
      fingerprint: application.plan.fingerprint,
      modules: application.modules(),
      workflows: application.workflows(),
    }));
    return context.json({
      status: applications.every(({ phase }) => phase === "running") ? "running" : "degraded",
      moduleCount: sum(applications.map(({ modules }) => modules.length)),
      workflowCount: sum(engine.applications.map(({ plan }) => plan.sections.length)),
      addresses: engine.addresses(),
      applications,
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
    return problem(400, "invalid-json", `The body is not JSON: ${(error as Error).message}`);
  }
  const { document, problems } = parse(stored.text, stored.file);
  if (!document) {
    return problem(409, "invalid-document", "The kept text is not YAML: send YAML", {
      problems,
    });
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return problem(400, "invalid-json", "A document is a JSON object");
  }
  return editDocument(document, value as Readonly<Record<string, unknown>>);
}

function asObject(value: unknown): Record<string, unknown> {
  const empty = { modules: [], workflows: {}, triggers: {} };
  return value !== null && typeof value === "object" ? { ...empty, ...value } : empty;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
