/**
 * Schedules over HTTP: those of documents are shown and paused, those made here
 * are also changed and deleted.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import {
  type Application,
  type Engine,
  type Firing,
  RefusedError,
  type Schedule,
  type ScheduleClaim,
} from "../engine/mod.ts";
import type { ManagementOptions } from "./management.ts";
import { problem } from "./problem_answer.ts";

/**
 * Mounted at `/api/schedules`. `?application=` says whose schedules are meant; a
 * list without it is of all, and anything else needs it where several run.
 */
export function scheduleRoutes({ engine }: ManagementOptions): Hono {
  const app = new Hono();

  app.get("/", async (context) => {
    const wanted = context.req.query("application");
    const applications = wanted === undefined
      ? engine.applications
      : [applicationOf(engine, wanted)];
    const lists = await Promise.all(applications.map(async (application) => {
      const schedules = await application.schedules.list();
      return schedules.map((schedule) => summary(application, schedule));
    }));
    return context.json(lists.flat());
  });
  app.post("/", async (context) => {
    const application = chosen(engine, context);
    const made = await application.schedules.create(await bodyOf(context));
    return answer(application, made, 201);
  });
  app.get("/:id", async (context) => {
    const application = chosen(engine, context);
    const { schedules } = application;
    return answer(application, await schedules.get(context.req.param("id")));
  });
  app.put("/:id", async (context) => {
    const application = chosen(engine, context);
    const match = context.req.header("if-match");
    const input = await bodyOf(context);
    try {
      const written = await application.schedules.replace(
        context.req.param("id"),
        input,
        match === undefined ? undefined : versionOf(match),
      );
      return answer(application, written);
    } catch (error) {
      const isStale = error instanceof RefusedError &&
        error.code === "conflict";
      if (!isStale) throw error;
      return problem(412, "changed", error.message);
    }
  });
  app.delete("/:id", async (context) => {
    await chosen(engine, context).schedules.delete(context.req.param("id"));
    return new Response(null, { status: 204 });
  });
  app.post("/:id/pause", async (context) => {
    const application = chosen(engine, context);
    const { schedules } = application;
    return answer(application, await schedules.pause(context.req.param("id")));
  });
  app.post("/:id/resume", async (context) => {
    const application = chosen(engine, context);
    const { schedules } = application;
    return answer(application, await schedules.resume(context.req.param("id")));
  });
  app.post("/:id/run", async (context) => {
    const { schedules } = chosen(engine, context);
    const claim = await schedules.run(context.req.param("id"));
    return context.json(runOf(claim), 202);
  });
  return app;
}

/** The application that a request means. */
function chosen(engine: Engine, context: Context): Application {
  const wanted = context.req.query("application");
  const [only, ...others] = engine.applications;
  if (wanted !== undefined) return applicationOf(engine, wanted);
  if (only !== undefined && others.length === 0) return only;
  throw new RefusedError(
    "invalid-input",
    "Say whose schedule is meant with ?application=: " +
      engine.applications.map(({ id }) => id).join(", "),
  );
}

function applicationOf(engine: Engine, id: string): Application {
  const application = engine.application(id);
  if (application !== undefined) return application;
  throw new RefusedError("not-found", `No application is called "${id}"`);
}

async function bodyOf(context: Context): Promise<unknown> {
  try {
    return await context.req.json();
  } catch (cause) {
    throw new RefusedError("invalid-input", "The body is no JSON", { cause });
  }
}

function answer(
  application: Application,
  schedule: Schedule,
  status = 200,
): Response {
  const { firings, running } = schedule;
  const body = {
    ...summary(application, schedule),
    running: running.map(runOf),
    history: firings.map(firingOf),
  };
  return Response.json(body, {
    status,
    headers: { etag: `"${schedule.version}"` },
  });
}

/** A schedule as a list shows it; times are RFC 3339. */
function summary({ id: application }: Application, schedule: Schedule) {
  const { id, source, cron, every, at, timeZone } = schedule;
  const { workflow, action, params, enabled, missed, overlap } = schedule;
  const last = schedule.firings[0];
  return {
    id,
    application,
    source,
    ...{ cron, every, at, timeZone },
    ...{ workflow, action, params, enabled, missed, overlap },
    paused: schedule.isPaused,
    nextDueAt: schedule.nextDueAt === null ? null : time(schedule.nextDueAt),
    lastRun: last === undefined ? null : firingOf(last),
    createdAt: time(schedule.createdAt),
    updatedAt: time(schedule.updatedAt),
  };
}

function firingOf(firing: Firing) {
  const { status, error, attempt, dueAt, untilAt, at, endedAt } = firing;
  return {
    dueAt: time(dueAt),
    ...(untilAt === undefined ? {} : { untilAt: time(untilAt) }),
    at: time(at),
    endedAt: time(endedAt),
    status,
    ...(error === undefined ? {} : { error }),
    attempt,
    manual: firing.isManual,
  };
}

function runOf(
  { dueAt, at, attempt, isManual, idempotencyKey }: ScheduleClaim,
) {
  return {
    idempotencyKey,
    dueAt: time(dueAt),
    at: time(at),
    attempt,
    manual: isManual,
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

/** The version inside an ETag. */
function versionOf(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}
