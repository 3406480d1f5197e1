/**
 * What the engine knows and runs, over HTTP: schema, types, check, reload, status.
 *
 * @module
 */
import { Hono } from "hono";
import { compress } from "hono/compress";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
  describePlan,
  documentSchema,
  type Engine,
  palette,
  sectionForms,
  variablesAt,
} from "../engine/mod.ts";
import { unknown } from "./documents.ts";
import type { ManagementOptions } from "./management.ts";
import { bodyOf } from "./request_body.ts";

/** A document to begin with: it needs no other file. */
const EXAMPLE = new URL("../examples/notes.yaml", import.meta.url);

/**
 * Mounted at `/api`. A reload without `?document=` is for all that run; one that is
 * named and does not run is started.
 */
export function workflowRoutes({ engine, documents }: ManagementOptions): Hono {
  const app = new Hono();

  app.get("/schema", () => {
    const schema = JSON.stringify(documentSchema(engine.catalog), null, 2);
    return new Response(schema, {
      headers: { "content-type": "application/schema+json" },
    });
  });
  app.get(
    "/workflow/modules",
    compress(),
    (context) => context.json(palette(engine.catalog)),
  );
  app.get(
    "/workflow/forms",
    compress(),
    (context) => context.json(sectionForms(engine.catalog)),
  );
  app.get("/workflow/example", async () => {
    const text = await Deno.readTextFile(fileURLToPath(EXAMPLE));
    return new Response(text, {
      headers: { "content-type": "application/yaml; charset=utf-8" },
    });
  });
  app.post("/workflow/validate", async (context) => {
    const body = await context.req.text();
    const file = context.req.query("file") ?? "document.yaml";
    const { problems, plan, sketch, secretValues } = await engine.load({
      file,
      text: body,
    });
    const errors = problems.filter(({ severity }) => severity === "error");
    return context.json({
      valid: errors.length === 0,
      errors: errors.map(({ path, message }) => ({ path, message })),
      problems,
      ...(plan ? { plan: describePlan(plan, secretValues) } : {}),
      ...(sketch ? { sketch: describePlan(sketch, secretValues) } : {}),
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
      if (!stored) return unknown(id);
      warnings.push(
        ...engine.application(id)
          ? await engine.reload(id, stored.text)
          : await engine.start(documents.source(stored)),
      );
    }
    return context.json({ status: "reloaded", problems: warnings });
  });
  addScope(app, engine);
  addPresent(app, engine);
  return app;
}

const SCOPE = z.strictObject({
  text: z.string(),
  path: z.array(z.union([z.string(), z.number()])),
});

/** What an expression at a place of a text may speak of. */
function addScope(app: Hono, engine: Engine): void {
  app.post("/workflow/scope", async (context) => {
    const { text, path } = await bodyOf(context, SCOPE);
    const loaded = await engine.load({ file: "document.yaml", text });
    const variables = variablesAt(loaded, engine.catalog, path);
    return context.json(variables === undefined ? {} : { variables });
  });
}

/** How what runs is, and what moves in it. */
function addPresent(app: Hono, engine: Engine): void {
  app.get("/workflow/traffic", (context) => {
    const id = context.req.query("document") ?? engine.applications[0]?.id;
    // Where nothing runs, nothing moves.
    return context.json(engine.application(id ?? "")?.traffic.counts ?? {});
  });
  app.get("/workflow/status", (context) => {
    const applications = engine.applications.map((application) => ({
      id: application.id,
      phase: application.phase,
      fingerprint: application.plan.fingerprint,
      modules: application.modules(),
      workflows: application.workflows(),
      pipelines: application.plan.pipelines.map(({ id }) => id),
      runs: { unfinished: application.runs.unfinished },
    }));
    return context.json({
      status: applications.every(({ phase }) => phase === "running")
        ? "running"
        : "degraded",
      moduleCount: sum(applications.map(({ modules }) => modules.length)),
      workflowCount: sum(
        engine.applications.map(({ plan }) => plan.sections.length),
      ),
      addresses: engine.addresses(),
      applications,
    });
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
