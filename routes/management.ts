/**
 * The management surface: HTTP in front of the engine and the platform. It holds
 * no rules of its own.
 *
 * @module
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { Engine } from "../engine/mod.ts";
import type { Documents } from "../platform/documents.ts";
import { isToken } from "../platform/token.ts";
import { approvalRoutes } from "./approvals.ts";
import { componentRoutes } from "./components.ts";
import { configRoutes } from "./config.ts";
import { docsRoutes } from "./docs.ts";
import { documentRoutes } from "./documents.ts";
import { eventRoutes } from "./events.ts";
import { impactRoutes } from "./impact.ts";
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
  readonly token: string;
  /** What stands before every path, as clients see it, such as `/_`. @default {""} */
  readonly basePath?: string;
  /** Ends every open event stream, so that the server can shut down. */
  readonly signal: AbortSignal;
  /** Told about failures that the answer does not explain. */
  readonly onError: (error: unknown, path: string) => void;
}

/**
 * Makes the surface. Everything but `/docs` needs the bearer token, and
 * `/approvals`, where it is the link that lets in.
 */
export function managementApp(options: ManagementOptions): Hono {
  const app = new Hono();
  app.use("/api/*", async (context, next) => {
    const header = context.req.header("authorization") ?? "";
    const token = /^Bearer +(.+)$/i.exec(header)?.[1];
    if (token === undefined || !isToken(token.trim(), options.token)) {
      return problem(
        401,
        "unauthorized",
        'Send the management token as "Authorization: Bearer …": ' +
          "wfctl token shows it",
        { headers: { "www-authenticate": 'Bearer realm="management"' } },
      );
    }
    await next();
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
  app.get("/", (context) => context.json(OVERVIEW));
  app.route("/approvals", approvalRoutes(options));
  app.route("/api/dynamic/components", componentRoutes(options));
  app.route("/api/documents", documentRoutes(options));
  app.route("/api/documents", impactRoutes(options));
  app.route("/api/events", eventRoutes(options));
  app.route("/api/queues", queueRoutes(options));
  app.route("/api/dead-letters", deadLetterRoutes(options));
  app.route("/api/runs", runRoutes(options));
  app.route("/api/schedules", scheduleRoutes(options));
  app.route("/api/workflow/config", configRoutes(options));
  app.route("/api", workflowRoutes(options));
  app.route("/docs", docsRoutes(options.engine.catalog));
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

const OVERVIEW = {
  name: "workflow engine",
  docs: "docs",
  api: {
    status: "api/workflow/status",
    documents: "api/documents",
    modules: "api/workflow/modules",
    schema: "api/schema",
    events: "api/events",
    components: "api/dynamic/components",
    queues: "api/queues",
    deadLetters: "api/dead-letters",
    runs: "api/runs",
    schedules: "api/schedules",
  },
};
