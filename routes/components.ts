/**
 * The components of the running documents, over HTTP: what they are, what they
 * may do, what they have done, and a call by hand.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { z } from "zod";
import {
  CallTimeoutError,
  DeniedError,
  OutputTooLargeError,
} from "../components/sandbox.ts";
import {
  type Application,
  type ComponentVersion,
  type Engine,
  Executor,
  InputViolationError,
  type JsonValue,
  messageOf,
  RetryableError,
  UserCode,
} from "../engine/mod.ts";
import type { ManagementOptions } from "./management.ts";
import { problem } from "./problem_answer.ts";

const EXECUTE = z.strictObject({
  params: z.record(z.string(), z.json()).default({}),
  idempotencyKey: z.string().min(1).max(255).optional(),
});

const ROLLBACK = z.strictObject({ version: z.int().min(1) });

interface Found {
  readonly id: string;
  readonly application: Application;
  readonly code: UserCode;
}

/** Mounted at `/api/dynamic/components`. */
export function componentRoutes({ engine }: ManagementOptions): Hono {
  const app = new Hono();
  app.get("/", (context) => {
    const all = componentsOf(engine, context.req.query("application"));
    return context.json(all.map(summaryOf));
  });
  app.get("/:id", (context) => {
    const found = one(engine, context);
    return found instanceof Response ? found : context.json(summaryOf(found));
  });
  app.get("/:id/manifest", (context) => {
    const found = one(engine, context);
    if (found instanceof Response) return found;
    return context.json(found.code.manifest());
  });
  app.get("/:id/metrics", (context) => {
    const found = one(engine, context);
    return found instanceof Response
      ? found
      : context.json(found.code.counts());
  });
  app.get("/:id/versions", async (context) => {
    const found = one(engine, context);
    return found instanceof Response
      ? found
      : context.json((await found.code.versions()).map(versionOf));
  });
  app.get("/:id/versions/:version", async (context) => {
    const found = one(engine, context);
    if (found instanceof Response) return found;
    const version = context.req.param("version");
    const text = await found.code.text(Number(version));
    return text === undefined
      ? problem(404, "not-found", `${found.id} has no version ${version}`)
      : context.text(text);
  });
  app.post("/:id/rollback", async (context) => {
    const found = one(engine, context);
    if (found instanceof Response) return found;
    const body = ROLLBACK.safeParse(await context.req.json().catch(() => null));
    if (!body.success) {
      return problem(400, "invalid-body", 'The body must be {"version": 1}');
    }
    await found.code.rollback(body.data.version);
    return context.json(summaryOf(found));
  });
  app.post("/:id/execute", async (context) => {
    const found = one(engine, context);
    return found instanceof Response ? found : await execute(found, context);
  });
  return app;
}

function componentsOf(engine: Engine, wanted?: string): readonly Found[] {
  return engine.applications
    .filter(({ id }) => wanted === undefined || id === wanted)
    .flatMap((application) =>
      application.all(UserCode).map(({ name, service }) => ({
        ...{ id: name, application, code: service },
      }))
    );
}

function one(engine: Engine, context: Context): Found | Response {
  const id = context.req.param("id") ?? "";
  const wanted = context.req.query("application");
  const found = componentsOf(engine, wanted).filter((each) => each.id === id);
  const [first] = found;
  if (first === undefined) {
    return problem(404, "not-found", `No component is called "${id}"`);
  }
  if (found.length === 1) return first;
  const names = found.map(({ application }) => application.id).join(", ");
  return problem(
    409,
    "ambiguous",
    `Several documents have a component "${id}": say which with ?application= (${names})`,
  );
}

function summaryOf({ id, application, code }: Found) {
  const { isolation, hash, permissions } = code.manifest();
  const { loadedAt, ...info } = code.info();
  return {
    id,
    application: application.id,
    ...info,
    ...loadedAt === undefined
      ? {}
      : { loadedAt: new Date(loadedAt).toISOString() },
    ...{ isolation, hash, permissions },
  };
}

function versionOf({ at, ...version }: ComponentVersion) {
  return { ...version, at: new Date(at).toISOString() };
}

async function execute(
  { id, application }: Found,
  context: Context,
): Promise<Response> {
  const body = EXECUTE.safeParse(await context.req.json().catch(() => null));
  if (!body.success) {
    return problem(
      400,
      "invalid-body",
      'The body must be {"params": {…}, "idempotencyKey"?: "…"}',
    );
  }
  const { params, idempotencyKey = `api/${crypto.randomUUID()}` } = body.data;
  const executor = application.all(Executor)
    .find(({ name }) => name === id)?.service;
  if (executor === undefined) {
    return problem(404, "not-found", `No component is called "${id}"`);
  }
  try {
    const { signal } = context.req.raw;
    const given = params as Readonly<Record<string, JsonValue>>;
    const result = await executor.execute(given, { signal, idempotencyKey });
    return context.json({ result });
  } catch (error) {
    return failureOf(error);
  }
}

/** What went wrong; nothing of the code or its logs. */
function failureOf(error: unknown): Response {
  const detail = messageOf(error);
  if (error instanceof InputViolationError) {
    return problem(422, "contract", detail);
  }
  if (error instanceof DeniedError) return problem(403, "denied", detail);
  if (error instanceof OutputTooLargeError) {
    return problem(413, "output-too-large", detail);
  }
  if (error instanceof CallTimeoutError) return problem(504, "timeout", detail);
  if (error instanceof RetryableError) {
    return problem(503, "unavailable", detail, {
      headers: { "retry-after": "1" },
    });
  }
  return problem(422, "failed", detail);
}
