/**
 * The part of a document that says which module answers which request.
 *
 * @module
 */
import { z } from "zod";
import {
  defineWorkflowType,
  type Host,
  type Issue,
  type JsonObject,
  ref,
} from "@engine/define.ts";
import { messageOf, RefusedError } from "@engine/errors.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { HttpRouter, type Route } from "@engine/services/http_router.ts";
import { HttpServer } from "@engine/services/http_server.ts";
import {
  clashOf,
  nameOf,
  parsePattern,
  type RouteKey,
} from "@engine/services/route_pattern.ts";

const route = z.strictObject({
  method: z.string().min(1)
    .describe("The HTTP method; GET answers HEAD as well")
    .meta({ examples: ["GET", "POST"] }),
  path: z.string().min(1)
    .describe(
      "The path: {id} or :id stands for one segment, {rest...} for all that " +
        "follow, a final / for everything below, {$} for nothing more",
    )
    .meta({ examples: ["/api/orders/{id}", "/files/{path...}"] }),
  handler: ref(HttpHandler, {
    edge: { kind: "route", source: "router", label: ["method", "path"] },
  }).describe("The module that answers"),
  middlewares: z.array(
    ref(HttpMiddleware, {
      edge: { kind: "middleware", source: "router", label: ["method", "path"] },
    }),
  ).default([]).describe(
    "The modules that see the request before the handler, the first one first",
  ),
});

const config = z.strictObject({
  server: ref(HttpServer, {
    conventional: ["httpServer"],
    needed: true,
    edge: { kind: "route", source: "router", reverse: true },
  }).optional().describe("The server that takes the requests"),
  router: ref(HttpRouter, { conventional: ["httpRouter"], needed: true })
    .optional().describe("The router that picks the handler"),
  routes: z.array(route).describe("Which module answers which request"),
});

type Config = z.output<typeof config>;
type RouteConfig = Config["routes"][number];

export default defineWorkflowType({
  type: "http",
  summary: "Says which module answers which request",
  config,
  inert: { "routes[].config": "A route has no settings of its own" },
  check: ({ routes }) => checkRoutes(routes),
  wire(config, host) {
    const { server, router } = config;
    if (server === undefined || router === undefined) {
      throw new TypeError("Cannot wire http: it has no server or no router");
    }
    const routes = config.routes.map((route, index) =>
      resolve(route, `workflows.http.routes[${index}]`, host)
    );
    const unmount = host.use(router).mount(routes);
    const detach = host.use(server).attach(host.use(router));
    return {
      unwire() {
        detach();
        unmount();
      },
      execute: (action, data) =>
        Promise.resolve(execute(config, host, { action, data })),
    };
  },
});

const COMMON_METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];

/** Methods that never reach a handler. */
const RESERVED_METHODS = ["CONNECT", "TRACE", "TRACK"];

/** What makes a route of its own impossible, and what two do to each other. */
function checkRoutes(routes: readonly RouteConfig[]): readonly Issue[] {
  const issues: Issue[] = [];
  const sound: RouteKey[] = [];
  for (const [index, { method, path }] of routes.entries()) {
    const place = ["routes", index] as const;
    const issue = checkMethod(method, [...place, "method"]);
    if (issue !== undefined) issues.push(issue);
    const key = keyOf(method, path);
    if (typeof key === "string") {
      issues.push({
        code: "invalid-route",
        path: [...place, "path"],
        message: key,
      });
      continue;
    }
    const reason = sound.map((other) => clashOf(key, other))
      .find((reason) => reason !== undefined);
    if (reason !== undefined) {
      issues.push({
        code: "duplicate-route",
        path: [...place, "path"],
        message: `"${nameOf(key)}" cannot stand here: ${reason}`,
      });
    } else if (issue?.severity !== "error") sound.push(key);
  }
  return issues;
}

function checkMethod(method: string, path: Issue["path"]): Issue | undefined {
  const name = method.toUpperCase();
  if (COMMON_METHODS.includes(name)) return undefined;
  const isPossible = /^[A-Z][A-Z0-9_-]*$/.test(name) &&
    !RESERVED_METHODS.includes(name);
  return {
    code: "invalid-route",
    path,
    message: isPossible
      ? `"${method}" is not one of the common HTTP methods`
      : `"${method}" is not an HTTP method that a route can have`,
    help: `The common ones are ${COMMON_METHODS.join(", ")}`,
    severity: isPossible ? "warning" : "error",
  };
}

/** The key, or why the pattern is none. */
function keyOf(method: string, path: string): RouteKey | string {
  try {
    return { method: method.toUpperCase(), pattern: parsePattern(path) };
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * The route with its modules. Where one of them is missing the route answers
 * 503: without its middlewares it might give away what they protect.
 */
/** @param place The path of the route, under which its edges are counted. */
function resolve(config: RouteConfig, place: string, host: Host): Route {
  const { path: pattern, handler, middlewares } = config;
  const method = config.method.toUpperCase();
  const missing = host.provides(handler, HttpHandler)
    ? middlewares.find((name) => !host.provides(name, HttpMiddleware))
    : handler;
  if (missing === undefined) {
    const paths = [
      ...middlewares.map((_, index) => `${place}.middlewares[${index}]`),
      `${place}.handler`,
    ];
    return {
      method,
      pattern,
      handler: host.use(handler),
      module: handler,
      middlewares: middlewares.map((name) => host.use(name)),
      onReached: (index = middlewares.length) =>
        host.carried(paths[index] ?? place),
    };
  }
  const message =
    `${method} ${pattern} answers 503: no module "${missing}" is there for it`;
  host.log.warn(message);
  host.notify("notice", { message, severity: "warning" });
  return { method, pattern, handler: unavailable(missing), middlewares: [] };
}

function unavailable(missing: string): HttpHandler {
  const body = JSON.stringify({
    type: "about:blank",
    title: "Service Unavailable",
    status: 503,
    detail: `The module "${missing}", which this route needs, is missing`,
  });
  return {
    handle: () =>
      new Response(`${body}\n`, {
        status: 503,
        headers: {
          "content-type": "application/problem+json",
          "cache-control": "no-store",
        },
      }),
  };
}

/** `data.server` and `data.router` ask about other modules than those named. */
function execute(
  config: Config,
  host: Host,
  { action, data }: { readonly action: string; readonly data: JsonObject },
): JsonObject {
  const server = pick(HttpServer, data.server ?? config.server, host);
  const router = pick(HttpRouter, data.router ?? config.router, host);
  const facts = {
    server: server.name,
    router: router.name,
    status: host.phase(),
  };
  switch (action) {
    case "":
    case "status":
      return { ...facts, addresses: server.service.addresses() };
    case "check":
      return {
        ...facts,
        healthStatus: host.phase() === "running" ? "healthy" : "unhealthy",
      };
    case "routes":
      return { ...facts, routes: describe(router.service, host) };
    case "start":
      return { ...facts, action: "The server is running already" };
    default:
      throw new RefusedError(
        "unknown-action",
        `The workflow "http" has no action "${action}"`,
      );
  }
}

function pick<T>(
  service: Parameters<typeof host.all<T>>[0],
  name: unknown,
  host: Host,
): { readonly name: string; readonly service: T } {
  const found = host.all(service).find((module) => module.name === name);
  if (found !== undefined) return found;
  throw new RefusedError(
    "not-found",
    `No module "${name}" ${service.summary}`,
  );
}

/** The routes in force, with the names of the modules where they are modules. */
function describe(router: HttpRouter, host: Host): readonly JsonObject[] {
  const handlers = new Map(namesOf(host.all(HttpHandler)));
  const middlewares = new Map(namesOf(host.all(HttpMiddleware)));
  return router.routes().map((route) => ({
    method: route.method,
    path: route.pattern,
    handler: handlers.get(route.handler) ?? null,
    middlewares: route.middlewares.map((one) => middlewares.get(one) ?? null),
    implied: route.implied ?? false,
  }));
}

function namesOf<T>(
  modules: readonly { readonly name: string; readonly service: T }[],
): (readonly [T, string])[] {
  return modules.map(({ name, service }) => [service, name] as const);
}
