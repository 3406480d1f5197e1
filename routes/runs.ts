/**
 * Runs over HTTP: begin them, find them, look into them, steer them.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { z } from "zod";
import {
  type Application,
  byNewest,
  type Engine,
  explainRun,
  type JsonValue,
  listRuns,
  RefusedError,
  type Run,
} from "../engine/mod.ts";
import type { ManagementOptions } from "./management.ts";
import { runDebugRoutes } from "./debug_run.ts";
import { ParameterError } from "./problem_answer.ts";
import { bodyOf, jsonOf } from "./request_body.ts";
import {
  applicationsOf,
  cursorOf,
  filterOf,
  findRun,
  type FoundRun,
  pageOf,
  wholeNumber,
} from "./run_query.ts";
import { countRuns } from "./run_counts.ts";
import { streamRun } from "./run_stream.ts";
import { detailOf, shownEntry, summaryOf } from "./run_view.ts";

/** Steps that a list names of each run. */
const PLACES_MAX = 3;

/** Entries of a journal in one answer, unless fewer are asked for. */
const JOURNAL_PAGE_MAX = 10_000;

/**
 * Mounted at `/api/runs`. `?application=` says whose runs are meant; without it,
 * those of all documents are.
 */
export function runRoutes(options: ManagementOptions): Hono {
  const { engine, basePath = "" } = options;
  const app = new Hono();
  const found = (context: Context) =>
    findRun(applicationsOf(engine, context), context.req.param("id") ?? "");
  const place = (id: string) => ({ location: `${basePath}/api/runs/${id}` });

  app.get(
    "/",
    async (context) =>
      context.json(engine.redacted(await list(engine, context))),
  );
  app.post("/", async (context) => {
    const result = await start(engine, context);
    const { run } = result;
    const headers = typeof run === "string" ? place(run) : {};
    return context.json(engine.redacted(result), 202, headers);
  });
  app.get(
    "/counts",
    async (context) =>
      context.json(
        await countRuns(applicationsOf(engine, context), filterOf(context)),
      ),
  );
  app.get("/:id", async (context) => {
    const run = await found(context);
    const last = run.view.entries.length - 1;
    const bounds = { min: 0, max: last, absent: last };
    const at = wholeNumber(context, "at", bounds);
    return context.json(engine.redacted(await detailOf(run, at)));
  });
  app.get("/:id/journal", async (context) => {
    const journal = journalPage(context, await found(context));
    return context.json(engine.redacted(journal));
  });
  app.get("/:id/pipeline", async (context) => {
    const { application, view } = await found(context);
    const { pipeline: id, version } = view.summary;
    const written = await application.runs.programs.written(id, version);
    if (written !== undefined) {
      return context.json(engine.redacted({ id, version, written }));
    }
    throw new RefusedError(
      "not-found",
      `The version ${version} of "${id}" is not kept`,
    );
  });
  app.get("/:id/explain", async (context) => {
    const { application, view } = await found(context);
    const explanation = await explainRun(application.runs, view.summary.id);
    return context.json(engine.redacted(explanation));
  });
  app.get(
    "/:id/events",
    async (context) => streamRun(context, await found(context), options),
  );
  steer(app, found, place);
  app.route("/", runDebugRoutes(options));
  return app;
}

/** What changes a run, or makes one of it. */
function steer(
  app: Hono,
  found: (context: Context) => Promise<FoundRun>,
  place: (id: string) => { readonly location: string },
): void {
  app.post("/:id/cancel", async (context) => {
    const { application: { runs }, view } = await found(context);
    const { reason } = await bodyOf(context, CANCEL);
    const { id } = view.summary;
    await runs.cancel(id, reason);
    const now = await runs.get(id);
    const status = (now ?? view).summary.status;
    return context.json({ run: id, status }, 202);
  });
  app.post("/:id/signals/:name", async (context) => {
    const { application: { runs }, view } = await found(context);
    const name = context.req.param("name");
    const data = await jsonOf(context) ?? null;
    await runs.signal(view.summary.id, name, data as JsonValue);
    return context.json({ run: view.summary.id, signal: name }, 202);
  });
  app.post("/:id/fork", async (context) => {
    const { application, view } = await found(context);
    const { fromStep, input, version } = await bodyOf(context, FORK);
    const fork = await application.runs.fork(view.summary.id, {
      fromStep,
      ...input === undefined ? {} : { input: input as JsonValue },
      ...version === undefined ? {} : { version },
    });
    const { summary } = fork;
    return context.json(summaryOf(application.id, summary), 201, {
      ...place(summary.id),
    });
  });
}

const START = z.strictObject({
  workflow: z.string().min(1),
  action: z.string().optional(),
  input: z.record(z.string(), z.json()).default({}),
  idempotencyKey: z.string().min(1).max(255).optional(),
  application: z.string().optional(),
});

const CANCEL = z.strictObject({
  reason: z.string().min(1).max(1_000).default("Cancelled by an operator"),
});

const FORK = z.strictObject({
  fromStep: z.string().min(1),
  input: z.json().optional(),
  version: z.string().min(1).optional(),
});

/** One page over all applications: the newest first, wherever they belong. */
async function list(engine: Engine, context: Context) {
  const filter = filterOf(context);
  const { limit, before } = pageOf(context);
  const pages = await Promise.all(
    applicationsOf(engine, context).map(async ({ id, runs }) => {
      const page = await listRuns(runs, filter, { limit, before });
      const shown = page.runs.map((each) => ({
        ...summaryOf(id, each),
        ...placeOf(runs.find(each.id)),
      }));
      return { ...page, runs: shown };
    }),
  );
  // Below it, not everything has been looked at.
  const frontier = pages.flatMap(({ next }) => next ?? []).sort().at(-1);
  const all = pages.flatMap(({ runs }) => runs)
    .filter(({ id }) => frontier === undefined || id >= frontier)
    .sort(byNewest);
  const runs = all.slice(0, limit);
  const next = all.length > limit ? runs.at(-1)?.id : frontier;
  return { runs, ...next === undefined ? {} : { next: cursorOf(next) } };
}

/** The steps that something must happen to; none of a run that is over. */
function placeOf(run: Run | undefined): { readonly at?: readonly string[] } {
  const live = [...run?.machine?.live.keys().take(PLACES_MAX) ?? []];
  return live.length === 0 ? {} : { at: live };
}

async function start(engine: Engine, context: Context) {
  const body = await bodyOf(context, START);
  const { workflow, action = "", input } = body;
  const application = startsIn(engine, body);
  const isPipeline = application.runs.programs.current(workflow) !== undefined;
  if (action === "" && !isPipeline) {
    throw new ParameterError(
      `Cannot start "${workflow}": it is no pipeline, so name an "action"`,
      "action",
    );
  }
  const key = body.idempotencyKey ?? context.req.header("idempotency-key");
  return await application.dispatch(workflow, action, input, {
    source: "api",
    ...key === undefined || key === "" ? {} : { idempotencyKey: key },
  });
}

/** @throws {RefusedError | ParameterError} None has it, or several have. */
function startsIn(
  engine: Engine,
  { workflow, application: id }: z.output<typeof START>,
): Application {
  const named = id === undefined ? undefined : engine.application(id);
  if (named !== undefined) return named;
  if (id !== undefined) {
    throw new RefusedError("not-found", `No application is called "${id}"`);
  }
  const having = engine.applications.filter((application) =>
    application.workflows().includes(workflow)
  );
  const [only, ...others] = having;
  if (only === undefined) {
    throw new RefusedError(
      "not-found",
      `No workflow is called "${workflow}"`,
    );
  }
  if (others.length === 0) return only;
  throw new ParameterError(
    `Cannot start "${workflow}": several applications have it, name one as ` +
      `"application": ${having.map(({ id }) => id).join(", ")}`,
    "application",
  );
}

function journalPage(context: Context, { view: { entries } }: FoundRun) {
  const last = entries.length - 1;
  const bounds = { min: 0, max: Number.MAX_SAFE_INTEGER, absent: -1 };
  const after = wholeNumber(context, "after", bounds);
  const limit = wholeNumber(context, "limit", {
    ...{ min: 1, max: JOURNAL_PAGE_MAX, absent: JOURNAL_PAGE_MAX },
  });
  const page = entries.slice(after + 1, after + 1 + limit);
  const end = after + page.length;
  return {
    entries: page.map((entry, i) => shownEntry(entry, after + 1 + i)),
    // What to ask for as "after" to go on; absent at the end.
    ...page.length > 0 && end < last ? { next: end } : {},
  };
}
