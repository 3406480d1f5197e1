/**
 * The components of the running documents, over HTTP: what they are, what they
 * may do and have done, new ones and new code, and a call by hand.
 *
 * @module
 */
import { createTwoFilesPatch } from "diff";
import { type Context, Hono } from "hono";
import { z } from "zod";
import {
  CallTimeoutError,
  DeniedError,
  OutputTooLargeError,
} from "../components/sandbox.ts";
import {
  type ComponentVersion,
  Executor,
  InputViolationError,
  type JsonValue,
  messageOf,
  RefusedError,
  RetryableError,
} from "../engine/mod.ts";
import { Components, type FoundComponent } from "../platform/components.ts";
import { ComponentDetails } from "./component_details.ts";
import type { ManagementOptions } from "./management.ts";
import { ParameterError, problem } from "./problem_answer.ts";

const NAMES = z.array(z.string());

const REFERENCE = z.string().regex(
  /^secret:\/\/|^\$\{/,
  'expected a reference, such as "secret://name": values are not kept here',
);

const SEND = z.strictObject({
  id: z.string(),
  source: z.string().min(1),
  permissions: z.record(z.string(), NAMES).optional(),
  isolation: z.enum(["shared", "process"]).optional(),
  requires: NAMES.optional(),
  env: z.record(z.string(), z.string()).optional(),
  secrets: z.record(z.string(), REFERENCE).optional(),
  maxExecutionTime: z.string().optional(),
});

/** For a new one the same as `SEND`; of one that is there the code alone. */
const CHANGE = SEND.omit({ id: true });

type SentBody = z.output<typeof SEND>;

const EXECUTE = z.strictObject({
  params: z.record(z.string(), z.json()).default({}),
  idempotencyKey: z.string().min(1).max(255).optional(),
});

const ROLLBACK = z.strictObject({ version: z.int().min(1) });

/** What answers for a component that is there. */
type Answer = (found: FoundComponent, context: Context) => unknown;

/** Makes a handler of an answer; where there is no such component, 404 is it. */
type Handler = (answer: Answer) => (context: Context) => Promise<Response>;

/** Mounted at `/api/dynamic/components`. */
export function componentRoutes({ engine }: ManagementOptions): Hono {
  const app = new Hono();
  const components = new Components(engine);
  const of: Handler = (answer) => async (context) => {
    const id = context.req.param("id") ?? "";
    const found = components.find(id, context.req.query("application"));
    if (found === undefined) return unknown(id);
    const answered = await answer(found, context);
    return answered instanceof Response ? answered : Response.json(answered);
  };
  addCollection(app, { engine, components, of });
  addVersions(app, of);
  app.get("/:id/manifest", of(({ code }) => code.manifest()));
  app.get("/:id/metrics", of(({ code }) => code.counts()));
  app.post("/:id/start", of((found) => turn(found, "turnOn")));
  app.post("/:id/stop", of((found) => turn(found, "turnOff")));
  app.post("/:id/execute", of(execute));
  return app;
}

/** To list, add, show, change and remove them. */
function addCollection(
  app: Hono,
  { engine, components, of }: {
    readonly engine: ManagementOptions["engine"];
    readonly components: Components;
    readonly of: Handler;
  },
): void {
  const details = new ComponentDetails(engine);
  /** With `?details=true` also what each has done, and its version. */
  const detailed = async (all: readonly FoundComponent[], context: Context) =>
    context.req.query("details") === "true" ? await details.of(all) : [];
  app.get("/", async (context) => {
    const all = components.list(context.req.query("application"));
    const more = await detailed(all, context);
    const rows = all.map((found, at) => ({ ...summaryOf(found), ...more[at] }));
    return context.json(rows);
  });
  app.post("/", async (context) => {
    const sent = await bodyOf(context, SEND, '{"id": "…", "source": "…"}');
    return await created(components, sent, context);
  });
  const whole: Answer = async (found, context) => {
    const [more] = await detailed([found], context);
    return { ...wholeOf(found), ...more };
  };
  app.get("/:id", of(whole));
  app.put("/:id", async (context) => {
    const id = context.req.param("id");
    const found = components.find(id, context.req.query("application"));
    const { source, ...config } = await bodyOf(
      context,
      CHANGE,
      '{"source": "…"}',
    );
    if (found === undefined) {
      return await created(components, { id, source, ...config }, context);
    }
    if (Object.keys(config).length > 0) {
      throw new ParameterError(
        "Only the source of a component can be changed: its grants stand in the " +
          "document, or remove it and send it anew",
        "source",
      );
    }
    await found.code.replace(source);
    return context.json(wholeOf(found));
  });
  const remove: Answer = async (found) => {
    await components.remove(found);
    return new Response(null, { status: 204 });
  };
  app.delete("/:id", of(remove));
}

/** To list, show, compare and run again what has run. */
function addVersions(app: Hono, of: Handler): void {
  const list: Answer = async ({ code }) =>
    (await code.versions()).map(versionOf);
  app.get("/:id/versions", of(list));
  const show: Answer = async (found, context) =>
    context.text(await versionText(found, context.req.param("version")));
  app.get("/:id/versions/:version", of(show));
  const compare: Answer = async (found, context) => {
    const to = context.req.param("version") ?? "";
    const from = context.req.query("from") ?? String(Number(to) - 1);
    const [before, after] = await Promise.all([
      from === "0" ? "" : versionText(found, from),
      versionText(found, to),
    ]);
    return context.text(diffOf(found.id, { from, before, to, after }));
  };
  app.get("/:id/versions/:version/diff", of(compare));
  const rollback: Answer = async (found, context) => {
    const body = await bodyOf(context, ROLLBACK, '{"version": 1}');
    await found.code.rollback(body.version);
    return summaryOf(found);
  };
  app.post("/:id/rollback", of(rollback));
}

async function turn(found: FoundComponent, way: "turnOn" | "turnOff") {
  await found.code[way]();
  return summaryOf(found);
}

async function created(
  components: Components,
  { id, source, ...config }: SentBody,
  context: Context,
): Promise<Response> {
  const found = await components.add(
    // Code that was sent is alone in its host, unless somebody says otherwise.
    { id, source, config: { isolation: "process", ...config } },
    context.req.query("application"),
  );
  return context.json(wholeOf(found), 201, {
    location: `api/dynamic/components/${id}`,
  });
}

/** @throws {ParameterError} The body is not as it must be. */
async function bodyOf<T extends z.ZodType>(
  context: Context,
  schema: T,
  shape: string,
): Promise<z.output<T>> {
  const body = schema.safeParse(await context.req.json().catch(() => null));
  if (body.success) return body.data;
  const [issue] = body.error.issues;
  const place = issue?.path.join(".") ?? "";
  const why = place === "" ? issue?.message : `"${place}": ${issue?.message}`;
  throw new ParameterError(
    `The body must be ${shape}: ${why}`,
    place || "body",
  );
}

function unknown(id: string): Response {
  return problem(404, "not-found", `No component is called "${id}"`);
}

function summaryOf({ id, application, code }: FoundComponent) {
  const { isolation, hash, permissions } = code.manifest();
  const { loadedAt, ...info } = code.info();
  return {
    id,
    application: application.id,
    ...info,
    ...loadedAt === undefined
      ? {}
      : { loaded_at: new Date(loadedAt).toISOString() },
    ...{ isolation, hash, permissions },
  };
}

function wholeOf(found: FoundComponent) {
  return { ...summaryOf(found), source: found.code.source() };
}

function versionOf({ at, ...version }: ComponentVersion) {
  return { ...version, at: new Date(at).toISOString() };
}

async function versionText(
  { id, code }: FoundComponent,
  version = "",
): Promise<string> {
  const text = await code.text(Number(version));
  if (text !== undefined) return text;
  throw new RefusedError("not-found", `${id} has no version ${version}`);
}

/** A unified diff, as `diff -u` writes it. */
function diffOf(
  id: string,
  { from, before, to, after }: Readonly<
    Record<"from" | "before" | "to" | "after", string>
  >,
): string {
  const [old, fresh] = [`${id}@${from}`, `${id}@${to}`];
  return createTwoFilesPatch(old, fresh, before, after);
}

async function execute(
  { id, application }: FoundComponent,
  context: Context,
): Promise<Response> {
  const { params, idempotencyKey = `api/${crypto.randomUUID()}` } =
    await bodyOf(
      context,
      EXECUTE,
      '{"params": {…}, "idempotencyKey"?: "…"}',
    );
  const executor = application.all(Executor)
    .find(({ name }) => name === id)?.service;
  if (executor === undefined) return unknown(id);
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
