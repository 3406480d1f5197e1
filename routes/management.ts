/**
 * The management surface: HTTP in front of the engine and the platform. It holds
 * no rules of its own.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { Effects, Engine, Store } from "../engine/mod.ts";
import { Audit } from "../platform/audit.ts";
import type { Documents } from "../platform/documents.ts";
import { Layouts } from "../platform/layouts.ts";
import { Sessions } from "../platform/sessions.ts";
import { assetRoutes } from "./assets.ts";
import { auditRoutes } from "./audit.ts";
import { approvalRoutes } from "./approvals.ts";
import { componentRoutes } from "./components.ts";
import { configRoutes } from "./config.ts";
import { debugRoutes } from "./debug.ts";
import { docsRoutes } from "./docs.ts";
import { documentRoutes } from "./documents.ts";
import { editRoutes } from "./edits.ts";
import { Gate, type Who } from "./gate.ts";
import { eventRoutes } from "./events.ts";
import { healthRoutes, metricsRoutes } from "./health.ts";
import { historyRoutes } from "./history.ts";
import { impactRoutes } from "./impact.ts";
import { instanceRoutes } from "./instances.ts";
import { layoutRoutes } from "./layouts.ts";
import { pageRoutes } from "./pages/pages.tsx";
import { problem, problemOf } from "./problem_answer.ts";
import { deadLetterRoutes, queueRoutes } from "./queues.ts";
import { runRoutes } from "./runs.ts";
import { scheduleRoutes } from "./schedules.ts";
import { workflowRoutes } from "./workflow.ts";

/** The largest body, in bytes: a document and what JSON adds to it. */
export const BODY_BYTES_MAX = 2 * 1024 * 1024;

/** What the surface stands on. */
export interface ManagementOptions {
  readonly engine: Engine;
  readonly documents: Documents;
  readonly store: Store;
  readonly effects: Pick<Effects, "clock" | "ids" | "random">;
  readonly token: string;
  /** Where people reach the surface, if not at its address. */
  readonly publicUrl?: string | undefined;
  /** What stands before every path, as clients see it, such as `/_`. @default {""} */
  readonly basePath?: string;
  /** Ends every open event stream, so that the server can shut down. */
  readonly signal: AbortSignal;
  /** Told about failures that the answer does not explain. */
  readonly onError: (error: unknown, path: string) => void;
}

/**
 * Makes the surface. Everything but `/docs` needs the bearer token or a browser
 * that is signed in, and `/approvals`, where it is the link that lets in.
 */
export function managementApp(options: ManagementOptions): Hono {
  const app = new Hono();
  const { token, publicUrl, basePath = "" } = options;
  const sessions = new Sessions(options);
  const gate = new Gate({ token, sessions, basePath, publicUrl });
  const audit = new Audit(options);
  app.use("/api/*", async (context, next) => {
    const who = await gate.caller(context);
    if (who === undefined) return unauthorized();
    await next();
    await noteChange(audit, who, context);
  });
  // Behind the token: of strangers not a byte is read.
  app.use(bodyLimit({
    maxSize: BODY_BYTES_MAX,
    onError: () =>
      problem(
        413,
        "body-too-large",
        `A body may have ${BODY_BYTES_MAX} bytes at most`,
      ),
  }));
  app.use(async (context, next) => {
    await next();
    context.header("x-content-type-options", "nosniff");
    context.header(
      "cache-control",
      context.res.headers.get("cache-control") ?? "no-store",
    );
  });
  app.get("/api", (context) => context.json(OVERVIEW));
  app.route("/assets", assetRoutes());
  app.route("/api/audit", auditRoutes(audit));
  app.route("/approvals", approvalRoutes(options));
  app.route("/api/dynamic/components", componentRoutes(options));
  app.route("/api/debug", debugRoutes(options));
  app.route("/api/documents", documentRoutes(options));
  app.route("/api/documents", impactRoutes(options));
  const layouts = new Layouts(options.documents, options.store);
  app.route("/api/documents", layoutRoutes(options.documents, layouts));
  app.route("/api/events", eventRoutes(options));
  app.route("/api/health", healthRoutes(options));
  app.route("/api/instances", instanceRoutes(options));
  app.route("/api/metrics", metricsRoutes(options));
  app.route("/api/metrics/history", historyRoutes(options));
  app.route("/api/queues", queueRoutes(options));
  app.route("/api/dead-letters", deadLetterRoutes(options));
  app.route("/api/runs", runRoutes(options));
  app.route("/api/schedules", scheduleRoutes(options));
  app.route("/api/workflow/config", configRoutes(options));
  app.route("/api/workflow", editRoutes(options.engine.catalog));
  app.route("/api", workflowRoutes(options));
  app.route("/docs", docsRoutes(options.engine.catalog));
  app.route("/", pageRoutes({ ...options, gate, sessions }));
  app.notFound(({ req }) =>
    problem(404, "not-found", `Nothing answers ${req.path}`)
  );
  app.onError((error, { req }) => {
    if (error instanceof HTTPException) {
      return problem(error.status, "refused", error.message);
    }
    const known = problemOf(error);
    if (known) return known;
    options.onError(error, req.path);
    return problem(500, "internal", "The request failed; the log says why");
  });
  return app;
}

function unauthorized(): Response {
  return problem(
    401,
    "unauthorized",
    'Send the management token as "Authorization: Bearer …": ' +
      "wfctl token shows it",
    { headers: { "www-authenticate": 'Bearer realm="management"' } },
  );
}

/** A body that asks what would be, and changes nothing. */
const ASKS =
  /^\/api\/(?:workflow\/(?:validate|scope|connections|disconnection|renaming)|documents\/[^/]+\/impact)$/;

/** What was asked to change something, whatever came of it. */
async function noteChange(
  audit: Audit,
  who: Who,
  { req, res }: Context,
): Promise<void> {
  const { method, path } = req;
  if (["GET", "HEAD"].includes(method) || ASKS.test(path)) return;
  await audit.note({ who, method, path, status: res.status });
}

const OVERVIEW = {
  name: "workflow engine",
  docs: "docs",
  api: {
    status: "api/workflow/status",
    documents: "api/documents",
    modules: "api/workflow/modules",
    schema: "api/schema",
    events: "api/events",
    health: "api/health",
    metrics: "api/metrics",
    history: "api/metrics/history",
    components: "api/dynamic/components",
    breakpoints: "api/debug/breakpoints",
    queues: "api/queues",
    deadLetters: "api/dead-letters",
    instances: "api/instances",
    runs: "api/runs",
    schedules: "api/schedules",
  },
};
