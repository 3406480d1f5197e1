/**
 * Breakpoints, and the debugger of the original engine: one session, which is
 * that of the one run that is paused.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { z } from "zod";
import {
  type Application,
  type Breakpoint,
  ConditionError,
  type Engine,
  RefusedError,
} from "../engine/mod.ts";
import { debugState, type PausedRun, pausedRuns } from "./debug_state.ts";
import type { ManagementOptions } from "./management.ts";
import { ParameterError, problem } from "./problem_answer.ts";
import { bodyOf } from "./request_body.ts";
import { applicationsOf } from "./run_query.ts";

/** Mounted at `/api/debug`. `?application=` says whose runs are meant. */
export function debugRoutes({ engine }: ManagementOptions): Hono {
  const app = new Hono();
  breakpointRoutes(app, engine);

  app.get("/state", async (context) => {
    const paused = await pausedRuns(applicationsOf(engine, context));
    if (paused.length > 1) return several(paused);
    return context.json(engine.redacted(await debugState(paused[0])));
  });
  for (const [how, status] of STEERS) {
    app.post(`/${how}`, async (context) => {
      const paused = await pausedRuns(applicationsOf(engine, context));
      if (paused.length > 1) return several(paused);
      const [only] = paused;
      if (only === undefined) {
        throw new RefusedError("wrong-state", "No run is paused");
      }
      const { application: { runs }, summary: { id } } = only;
      await runs.resume(id, { how });
      return context.json({ status });
    });
  }
  app.post("/reset", async (context) => {
    const applications = applicationsOf(engine, context);
    const paused = await pausedRuns(applications);
    if (paused.length > 1) return several(paused);
    for (const { runs: { breakpoints } } of applications) {
      for (const { id } of await breakpoints.list()) {
        await breakpoints.remove(id);
      }
    }
    for (const { application: { runs }, summary: { id } } of paused) {
      await runs.resume(id, { how: "continue" }).catch(unlessItWentOn);
    }
    return context.json({ status: "reset" });
  });
  return app;
}

const STEERS = [["step", "stepped"], ["continue", "continued"]] as const;

function breakpointRoutes(app: Hono, engine: Engine): void {
  app.get("/breakpoints", async (context) => {
    const lists = await Promise.all(
      applicationsOf(engine, context).map(async (application) => {
        const all = await application.runs.breakpoints.list();
        return all.map((breakpoint) => shown(application, breakpoint));
      }),
    );
    return context.json(lists.flat());
  });
  app.post("/breakpoints", async (context) => {
    const { application: id, ...wanted } = await bodyOf(context, SET);
    const request = placed(wanted);
    const application = having(engine, request.pipeline, id);
    const { breakpoints, programs } = application.runs;
    const [first] = programs.current(request.pipeline)?.body ?? [];
    try {
      const step = request.step ?? first?.id ?? "";
      const set = await breakpoints.set({ ...request, step });
      return context.json(shown(application, set), 201);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      const { offset, line, column, nearest, code, message } = error;
      return problem(422, code, message, {
        ...{ parameter: "condition", offset, line, column },
        ...nearest === undefined ? {} : { nearest },
      });
    }
  });
  app.delete("/breakpoints/:id", async (context) => {
    const { application, id } = await named(engine, context);
    if (!await application.runs.breakpoints.remove(id)) throw unknown(id);
    return context.json({ status: "removed" });
  });
  for (const verb of ["enable", "disable"] as const) {
    app.post(`/breakpoints/:id/${verb}`, async (context) => {
      const { application, id } = await named(engine, context);
      const { breakpoints } = application.runs;
      const changed = await breakpoints.enable(id, verb === "enable");
      if (changed === undefined) throw unknown(id);
      return context.json(shown(application, changed));
    });
  }
}

const SET = z.strictObject({
  pipeline: z.string().min(1).optional(),
  step: z.string().min(1).optional(),
  // As the original engine has them.
  type: z.enum(["module", "workflow", "trigger"]).optional(),
  target: z.string().min(1).optional(),
  condition: z.string().optional(),
  once: z.boolean().optional(),
  autoResumeMs: z.int().optional(),
  enabled: z.boolean().optional(),
  application: z.string().optional(),
});

/** The place that a body names, in our words or in those of the original engine. */
function placed({ type, target, ...ours }: z.output<typeof SET>) {
  if (type === undefined && target === undefined) {
    const { pipeline, step } = ours;
    if (pipeline !== undefined && step !== undefined) {
      return { ...ours, pipeline, step };
    }
    throw missing(pipeline === undefined ? "pipeline" : "step");
  }
  if (target === undefined) throw missing("target");
  if (type === undefined) throw missing("type");
  if (type !== "workflow") {
    throw new RefusedError(
      "invalid-input",
      `Cannot stop at a ${type}: set it on a step, as the type "workflow" with ` +
        'the target "<pipeline>/<step>"',
    );
  }
  const slash = target.indexOf("/");
  // A pipeline by itself means its first step.
  return slash < 0 ? { ...ours, pipeline: target, step: undefined } : {
    ...ours,
    pipeline: target.slice(0, slash),
    step: target.slice(slash + 1),
  };
}

function missing(member: string): ParameterError {
  return new ParameterError(`Cannot use the body: no "${member}"`, member);
}

/** The application that has a pipeline. @throws {RefusedError | ParameterError} */
function having(
  engine: Engine,
  pipeline: string,
  id: string | undefined,
): Application {
  const named = id === undefined ? undefined : engine.application(id);
  if (named !== undefined) return named;
  if (id !== undefined) {
    throw new RefusedError("not-found", `No application is called "${id}"`);
  }
  const found = engine.applications.filter(({ runs }) =>
    runs.programs.current(pipeline) !== undefined
  );
  return onlyOne(found, `the pipeline "${pipeline}"`);
}

/** The breakpoint that a path names, and whose it is. */
async function named(engine: Engine, context: Context) {
  const id = context.req.param("id") ?? "";
  const found: Application[] = [];
  for (const application of applicationsOf(engine, context)) {
    const all = await application.runs.breakpoints.list();
    if (all.some((each) => each.id === id)) found.push(application);
  }
  return { id, application: onlyOne(found, `the breakpoint "${id}"`) };
}

function onlyOne(found: readonly Application[], what: string): Application {
  const [only, ...others] = found;
  if (only === undefined) {
    throw new RefusedError("not-found", `No application has ${what}`);
  }
  if (others.length === 0) return only;
  throw new ParameterError(
    `Several applications have ${what}, name one as "application": ` +
      found.map(({ id }) => id).join(", "),
    "application",
  );
}

/** A breakpoint, also in the words of the original engine. */
function shown({ id: application }: Application, breakpoint: Breakpoint) {
  const { id, pipeline, step, condition, hits } = breakpoint;
  return {
    ...{ id, application, pipeline, step },
    ...condition === undefined ? {} : { condition },
    once: breakpoint.once,
    autoResumeMs: breakpoint.autoResumeMs,
    enabled: breakpoint.enabled,
    hits,
    setAt: breakpoint.setAt,
    ...{ type: "workflow", target: `${pipeline}/${step}`, hit_count: hits },
  };
}

function several(paused: readonly PausedRun[]): Response {
  const runs = paused.map(({ summary: { id } }) => id);
  return problem(
    409,
    "several-paused",
    `${runs.length} runs are paused, so name one: /api/runs/{id}/debug`,
    { runs },
  );
}

function unlessItWentOn(error: unknown): void {
  if (!(error instanceof RefusedError)) throw error;
}

function unknown(id: string): RefusedError {
  return new RefusedError("not-found", `No breakpoint is called "${id}"`);
}
