/**
 * Answers orchestrators and load balancers: does the process live, can it take
 * requests, and how are its parts.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  type Host,
  type Lifecycle,
  type Ref,
  ref,
} from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { HttpRouter } from "@engine/services/http_router.ts";

/** How long one check may take before it counts as unhealthy, in milliseconds. */
export const CHECK_TIMEOUT_MS = 2_000;

/** Where each question is answered; the second path of each is an alias. */
const PATHS = {
  health: ["/healthz", "/health"],
  ready: ["/readyz", "/ready"],
  live: ["/livez", "/live"],
} as const;

type Status = Health["status"];

/** How the parts of an application are, and how it is as a whole. */
interface Report {
  readonly status: Status;
  readonly checks: Readonly<Record<string, Health>>;
}

class HealthChecker implements HttpHandler, Lifecycle {
  readonly #config: { readonly router?: Ref<HttpRouter> | undefined };
  readonly #host: Host;
  /** Checks that have not answered yet: asking more often must not add to them. */
  readonly #running = new Map<HealthReporter, Promise<Health>>();

  constructor(
    config: { readonly router?: Ref<HttpRouter> | undefined },
    host: Host,
  ) {
    this.#config = config;
    this.#host = host;
  }

  wire(): () => void {
    const { router } = this.#config;
    if (router === undefined) return () => {};
    const answers = {
      health: () => this.handle(),
      ready: () => this.#ready(),
      live: () => answer(200, { status: "alive" }),
    };
    const routes = Object.entries(PATHS).flatMap(([question, paths]) =>
      paths.map((pattern) => ({
        method: "GET",
        pattern,
        handler: { handle: answers[question as keyof typeof PATHS] },
        middlewares: [],
        implied: true,
      }))
    );
    return this.#host.use(router).mount(routes);
  }

  /** The whole report, as `/healthz` gives it. */
  async handle(): Promise<Response> {
    const { status, checks } = await this.#report();
    return answer(status === "unhealthy" ? 503 : 200, { checks, status });
  }

  async #ready(): Promise<Response> {
    const isReady = this.#host.phase() === "running" &&
      (await this.#report()).status === "healthy" &&
      // Checks take a while, in which a stop may have begun.
      this.#host.phase() === "running";
    return isReady
      ? answer(200, { status: "ready" })
      : answer(503, { status: "not_ready" });
  }

  async #report(): Promise<Report> {
    const reporters = this.#host.all(HealthReporter);
    const healths = await Promise.all(
      reporters.map(({ service }) => this.#check(service)),
    );
    const checks: Record<string, Health> = {};
    reporters.forEach(({ name, service }, index) => {
      const isTaken = Object.hasOwn(checks, service.healthName);
      const key = isTaken
        ? `${service.healthName}.${name}`
        : service.healthName;
      const health = healths[index];
      if (health !== undefined) checks[key] = health;
    });
    return { status: worst(healths), checks };
  }

  #check(reporter: HealthReporter): Promise<Health> {
    const known = this.#running.get(reporter);
    if (known !== undefined) return this.#inTime(known);
    const check = ask(reporter).finally(() => this.#running.delete(reporter));
    this.#running.set(reporter, check);
    return this.#inTime(check);
  }

  #inTime(check: Promise<Health>): Promise<Health> {
    return new Promise((resolve) => {
      const cancel = this.#host.effects.clock.after(
        CHECK_TIMEOUT_MS,
        () =>
          resolve({
            status: "unhealthy",
            message: `The check takes longer than ${CHECK_TIMEOUT_MS} ms`,
          }),
      );
      check.then((health) => {
        cancel();
        resolve(health);
      });
    });
  }
}

/** Asks without ever throwing. */
async function ask(reporter: HealthReporter): Promise<Health> {
  try {
    const { status, message } = await reporter.health();
    return message === undefined ? { status } : { status, message };
  } catch (error) {
    return { status: "unhealthy", message: messageOf(error) };
  }
}

function worst(healths: readonly Health[]): Status {
  if (healths.some(({ status }) => status === "unhealthy")) return "unhealthy";
  if (healths.some(({ status }) => status === "degraded")) return "degraded";
  return "healthy";
}

function answer(status: number, body: unknown): Response {
  return Response.json(body, {
    status,
    headers: { "cache-control": "no-store" },
  });
}

const SERVED = { status: 200, headers: { "cache-control": "no-store" } };

export default defineModule({
  type: "health.checker",
  summary: "Tells orchestrators whether the application lives and can serve",
  stability: "stable",
  config: z.strictObject({
    router: ref(HttpRouter).optional().describe(
      "The router that answers on /healthz, /readyz and /livez, and on /health, " +
        "/ready and /live; a route that the document states for one of these " +
        "paths takes precedence",
    ),
  }),
  provides: [HttpHandler],
  examples: [{
    title: "Probes for an orchestrator",
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router", dependsOn: ["server"] },
      { name: "hello", type: "http.handler" },
      { name: "probes", type: "health.checker" },
    ],
    workflows: {
      http: { routes: [{ method: "GET", path: "/hello", handler: "hello" }] },
    },
    exchanges: [
      {
        request: { method: "GET", path: "/healthz" },
        response: { ...SERVED, body: { status: "healthy", checks: {} } },
      },
      {
        request: { method: "GET", path: "/readyz" },
        response: { ...SERVED, body: { status: "ready" } },
      },
      {
        request: { method: "GET", path: "/livez" },
        response: { ...SERVED, body: { status: "alive" } },
      },
    ],
  }],
  create: (config, host) => new HealthChecker(config, host),
});
