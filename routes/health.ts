/**
 * How the parts of the applications are, over HTTP: what they say of themselves,
 * the hosts of components, and what a `metrics.collector` has counted.
 *
 * @module
 */
import { Hono } from "hono";
import { hostMemory, runningHosts } from "../components/host_process.ts";
import { type Application, type Engine, messageOf } from "../engine/mod.ts";
import type { ManagementOptions } from "./management.ts";
import { type Family, readMetrics } from "./prometheus_text.ts";

/** How long a part may take to say how it is, in milliseconds. */
const CHECK_MS_MAX = 2_000;

/** How a part is, as it says itself. */
interface Health {
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly message?: string;
}

/** What a module says of itself. */
interface Check extends Health {
  readonly module: string;
  /** The name of the check. */
  readonly name: string;
}

/** What a module that provides `health.reporter` has. */
interface Reporter {
  readonly healthName: string;
  health(): Promise<Health>;
}

/** What a module that provides `http.handler` has. */
interface Handler {
  handle(context: { readonly request: Request }): Response | Promise<Response>;
}

/** Mounted at `/api/health`. */
export function healthRoutes({ engine, effects }: ManagementOptions): Hono {
  const app = new Hono();
  app.get("/", async (context) => {
    const applications = await Promise.all(
      engine.applications.map(async (application) => ({
        id: application.id,
        phase: application.phase,
        checks: engine.redacted(await checksOf(application)),
      })),
    );
    return context.json({
      at: effects.clock.now(),
      process: { pid: Deno.pid, residentBytes: Deno.memoryUsage().rss },
      hosts: runningHosts().map((pid) => ({
        pid,
        residentBytes: hostMemory(pid) ?? null,
      })),
      applications,
    });
  });
  return app;
}

/**
 * Mounted at `/api/metrics`: the counts of each document that has a
 * `metrics.collector`. Others are left out, since nothing is counted there.
 */
export function metricsRoutes({ engine, effects }: ManagementOptions): Hono {
  const app = new Hono();
  app.get("/", async (context) => {
    const applications = await Promise.all(
      collectorsOf(engine).map(async ({ application, read }) => ({
        id: application,
        families: await read(),
      })),
    );
    return context.json({ at: effects.clock.now(), applications });
  });
  return app;
}

function checksOf(application: Application): Promise<readonly Check[]> {
  return Promise.all(
    provided<Reporter>(application, "health.reporter").map(async (
      { name, service },
    ) => ({
      module: name,
      name: service.healthName,
      ...await inTime(service),
    })),
  );
}

/** Never throws. */
async function inTime(reporter: Reporter): Promise<Health> {
  const late = Promise.withResolvers<Health>();
  const message = `The check takes longer than ${CHECK_MS_MAX} ms`;
  const timer = setTimeout(
    () => late.resolve({ status: "unhealthy", message }),
    CHECK_MS_MAX,
  );
  try {
    return await Promise.race([reporter.health(), late.promise]);
  } catch (error) {
    return { status: "unhealthy", message: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** The first collector of each document. */
function collectorsOf(engine: Engine) {
  return engine.applications.flatMap((application) => {
    const name = application.modules()
      .find(({ type }) => type === "metrics.collector")?.name;
    const handler = provided<Handler>(application, "http.handler")
      .find((one) => one.name === name)?.service;
    if (handler === undefined) return [];
    return [{
      application: application.id,
      async read(): Promise<readonly Family[]> {
        const request = new Request("http://localhost/metrics");
        const answer = await handler.handle({ request });
        return answer.ok ? readMetrics(await answer.text()) : [];
      },
    }];
  });
}

/** The modules that provide a service, which is named by its id. */
function provided<T>(
  application: Application,
  id: string,
): readonly { readonly name: string; readonly service: T }[] {
  const service = application.plan.modules
    .flatMap(({ definition }) => definition.provides)
    .find((one) => one.id === id);
  return service === undefined
    ? []
    : application.all(service as typeof service & { readonly interface?: T });
}
