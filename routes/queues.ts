/**
 * What applications have queued, over HTTP, and what of it is dead: look, replay,
 * purge.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import {
  type Application,
  DEAD_LETTER_PAGE_MAX,
  type DeadLetter,
  type DeadSource,
  type Engine,
  parseSource,
  RefusedError,
  sourceText,
} from "../engine/mod.ts";
import { unknown } from "./documents.ts";
import type { ManagementOptions } from "./management.ts";
import { problem } from "./problem_answer.ts";

/** How many dead letters a page has, where none is asked for. */
const PAGE_DEFAULT = 100;

/** How many dead letters of an application are looked at to count its sources. */
const COUNTED_MAX = 20_000;

/** Mounted at `/api/queues`. */
export function queueRoutes({ engine }: ManagementOptions): Hono {
  const app = new Hono();
  app.get("/", async (context) => {
    const applications = chosen(engine, context);
    if (applications instanceof Response) return applications;
    const rows = [];
    for (const { id, queues } of applications) {
      for (const stats of await queues.stats()) {
        rows.push({ application: id, ...stats });
      }
    }
    return context.json(rows);
  });
  return app;
}

/** Mounted at `/api/dead-letters`. */
export function deadLetterRoutes({ engine }: ManagementOptions): Hono {
  const app = new Hono();
  app.get("/", async (context) => {
    const applications = chosen(engine, context);
    if (applications instanceof Response) return applications;
    const source = sourceOf(context);
    if (source instanceof Response) return source;
    const limit = Number(context.req.query("limit") ?? PAGE_DEFAULT);
    if (!Number.isInteger(limit) || limit < 1 || limit > DEAD_LETTER_PAGE_MAX) {
      return problem(
        400,
        "invalid-limit",
        `limit is "${context.req.query("limit")}", ` +
          `expected 1 to ${DEAD_LETTER_PAGE_MAX} dead letters`,
      );
    }
    const cursor = context.req.query("cursor");
    return context.json(await page(applications, { source, limit, cursor }));
  });
  app.get("/sources", async (context) => {
    const applications = chosen(engine, context);
    if (applications instanceof Response) return applications;
    const counted = await Promise.all(applications.map(sourcesOf));
    return context.json({
      sources: counted.flatMap(({ sources }) => sources),
      complete: counted.every(({ isComplete }) => isComplete),
    });
  });
  app.get("/:id", async (context) => {
    const found = await find(engine, context);
    return found instanceof Response
      ? found
      : context.json(shown(found.application, found.letter));
  });
  app.post(
    "/replay",
    (context) =>
      ofSource(engine, context, async (applications, source) => ({
        replayed: await sum(
          applications,
          ({ queues }) => queues.deadLetters.replayAll(source),
        ),
      })),
  );
  app.post("/:id/replay", async (context) => {
    const found = await find(engine, context);
    if (found instanceof Response) return found;
    await found.application.queues.deadLetters.replay(found.letter.id);
    return context.json({ replayed: 1 });
  });
  app.delete(
    "/",
    (context) =>
      ofSource(engine, context, async (applications, source) => ({
        purged: await sum(
          applications,
          ({ queues }) => queues.deadLetters.purgeAll(source),
        ),
      })),
  );
  app.delete("/:id", async (context) => {
    const found = await find(engine, context);
    if (found instanceof Response) return found;
    await found.application.queues.deadLetters.purge(found.letter.id);
    return context.json({ purged: 1 });
  });
  return app;
}

/** How many letters there are of each source of an application. */
async function sourcesOf({ id: application, queues }: Application) {
  const counts = new Map<string, number>();
  let after: string | undefined;
  let seen = 0;
  do {
    const { letters, next } = await queues.deadLetters.list({
      limit: DEAD_LETTER_PAGE_MAX,
      ...(after === undefined ? {} : { after }),
    });
    for (const { source } of letters) {
      const text = sourceText(source);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    seen += letters.length;
    after = next;
  } while (after !== undefined && seen < COUNTED_MAX);
  const sources = [...counts].map(([source, count]) => ({
    ...{ application, source, count },
  }));
  return { sources, isComplete: after === undefined };
}

/** The applications that `?application=` means: one, or all. */
function chosen(
  engine: Engine,
  context: Context,
): readonly Application[] | Response {
  const id = context.req.query("application");
  if (id === undefined) return engine.applications;
  const application = engine.application(id);
  return application ? [application] : unknown(id);
}

/** The source that `?source=` means, if there is one. */
function sourceOf(context: Context): DeadSource | undefined | Response {
  const text = context.req.query("source");
  if (text === undefined) return undefined;
  return parseSource(text) ?? problem(
    400,
    "invalid-source",
    `source is "${text}", expected a kind and a name such as "queue:orders"`,
  );
}

/** Does something to all letters of a source, which must be named. */
async function ofSource(
  engine: Engine,
  context: Context,
  act: (
    applications: readonly Application[],
    source: DeadSource,
  ) => Promise<Record<string, number>>,
): Promise<Response> {
  const applications = chosen(engine, context);
  if (applications instanceof Response) return applications;
  const source = sourceOf(context);
  if (source instanceof Response) return source;
  if (source === undefined) {
    return problem(
      400,
      "invalid-source",
      'Name the source whose dead letters are meant: "?source=queue:orders"',
    );
  }
  return context.json(await act(applications, source));
}

interface PageOptions {
  readonly source: DeadSource | undefined;
  readonly limit: number;
  /** The application and the id of the last letter that was shown. */
  readonly cursor: string | undefined;
}

/** Letters of one application after the other. */
async function page(
  applications: readonly Application[],
  { source, limit, cursor }: PageOptions,
) {
  const [from, after] = cursor?.split("/") ?? [];
  const start = applications.findIndex(({ id }) => id === from);
  const letters: ReturnType<typeof shown>[] = [];
  for (const application of applications.slice(Math.max(start, 0))) {
    const left = limit - letters.length;
    const isFirst = application.id === from && after !== undefined;
    const found = await application.queues.deadLetters.list({
      // A full page asks for one more, which tells whether there are any.
      limit: Math.max(left, 1),
      ...(source === undefined ? {} : { source }),
      ...(isFirst ? { after } : {}),
    });
    const last = letters.at(-1);
    if (left === 0 && last !== undefined) {
      if (found.letters.length === 0) continue;
      return { letters, next: `${last.application}/${last.id}` };
    }
    letters.push(...found.letters.map((each) => shown(application, each)));
    if (found.next !== undefined) {
      return { letters, next: `${application.id}/${found.next}` };
    }
  }
  return { letters };
}

async function find(engine: Engine, context: Context) {
  const applications = chosen(engine, context);
  if (applications instanceof Response) return applications;
  const id = context.req.param("id") ?? "";
  for (const application of applications) {
    const letter = await application.queues.deadLetters.get(id);
    if (letter) return { application, letter };
  }
  throw new RefusedError("not-found", `No dead letter has the id "${id}"`);
}

function shown(application: Application, letter: DeadLetter) {
  // What its source needs to revive it may hold credentials.
  const { id, source, origin: _, ...rest } = letter;
  return {
    id,
    application: application.id,
    source: sourceText(source),
    ...rest,
  };
}

async function sum(
  applications: readonly Application[],
  count: (application: Application) => Promise<number>,
): Promise<number> {
  let total = 0;
  for (const application of applications) total += await count(application);
  return total;
}
