/**
 * The router under its name and with the keys of the original's framework: the
 * engine's router, with what that one has around all of its routes.
 *
 * @module
 */
import { z } from "zod";
import {
  defineComposedModule,
  duration,
  durationMs,
  type Host,
  type Issue,
  type Lifecycle,
  type Make,
} from "@engine/define.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import type { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { textAnswer } from "../_text_answer.ts";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const origins = z.array(z.string().min(1));
const methods = z.array(z.string().regex(TOKEN, "Expected an HTTP method"));
const headers = z.array(z.string().regex(TOKEN, "Expected a header name"));

const cors = z.strictObject({
  enabled: z.boolean().default(true).describe(
    "Whether pages of other sites may call at all",
  ),
  allowedOrigins: origins.optional().describe("Wins over allowed_origins"),
  allowedMethods: methods.optional().describe("Wins over allowed_methods"),
  allowedHeaders: headers.optional().describe("Wins over allowed_headers"),
  allowCredentials: z.boolean().optional().describe(
    "Wins over allow_credentials",
  ),
  maxAge: z.int().min(0).optional().meta({ unit: "s" }).describe(
    "Wins over max_age",
  ),
});

const config = z.strictObject({
  allowed_origins: origins.default(["*"]).describe(
    "The sites whose pages may call; * stands for all",
  ),
  allowed_methods: methods.default(["GET", "POST", "PUT", "DELETE", "OPTIONS"])
    .describe("The methods that such a page may use"),
  allowed_headers: headers.default([
    "Origin",
    "Accept",
    "Content-Type",
    "X-Requested-With",
    "Authorization",
  ]).describe("The request headers that such a page may send"),
  allow_credentials: z.boolean().default(false).describe(
    "Whether a browser sends cookies along; needs sites by name",
  ),
  max_age: z.int().min(0).default(300).meta({ unit: "s" }).describe(
    "How long a browser may remember the answer to a preflight",
  ),
  cors: cors.optional().describe("The same keys in another spelling"),
  timeout: z.union([duration(), z.number().min(0).meta({ unit: "s" })])
    .default("60s").describe(
      "How long an answer may take to begin, after which it is 504; a number counts seconds; 0: any time",
    ),
  basepath: z.string().regex(/^(\/[^/{}]+)*\/?$/, "Expected a path such as /v1")
    .default("").describe("What stands before the path of every route"),
  logRoutes: z.boolean().default(false).describe(
    "Whether the routes are listed in the log when they are open",
  ),
  middleware: z.strictObject({
    requestId: z.boolean().default(false).describe(
      "Whether each request gets an id, in the header X-Request-ID",
    ),
  }).optional().describe("What each request goes through"),
});

type Config = z.output<typeof config>;

export default defineComposedModule({
  type: "chimux.router",
  summary: "Picks the handler of a request, with the keys of older documents",
  stability: "stable",
  config,
  section: "chimux",
  inert: {
    "middleware.realIP":
      "a header that any client can send is not taken for its address",
  },
  provides: [HttpRouter],
  of: ["http.router", "http.middleware.cors", "http.middleware.requestid"],
  check: (config): readonly Issue[] => {
    const { origins, credentials } = corsOf(config);
    return credentials && origins.includes("*")
      ? [{
        code: "invalid-value",
        path: ["allow_credentials"],
        message:
          "Credentials cannot be allowed to every site: any page could act for its visitor",
        help: "Name the sites in allowed_origins",
      }]
      : [];
  },
  examples: [{
    title: "A router for one shop front",
    modules: [
      {
        name: "server",
        type: "httpserver.modular",
        config: { address: "127.0.0.1:0" },
      },
      {
        name: "router",
        type: "chimux.router",
        config: {
          basepath: "/v1",
          cors: { allowedOrigins: ["https://shop.example"] },
        },
      },
      { name: "orders", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: [{ method: "GET", path: "/orders", handler: "orders" }],
      },
    },
    exchanges: [{
      request: {
        method: "GET",
        path: "/v1/orders",
        headers: { Origin: "https://shop.example" },
      },
      response: {
        status: 200,
        headers: { "Access-Control-Allow-Origin": "https://shop.example" },
        body: { handler: "orders" },
      },
    }, {
      request: { method: "GET", path: "/orders" },
      response: { status: 404 },
    }],
  }],
  compose: (config, host, make) => compose(config, host, make),
});

/** What is said of other sites, whichever way it is spelt. */
function corsOf({ cors, ...config }: Config) {
  return {
    isEnabled: cors?.enabled ?? true,
    origins: cors?.allowedOrigins ?? config.allowed_origins,
    methods: cors?.allowedMethods ?? config.allowed_methods,
    headers: cors?.allowedHeaders ?? config.allowed_headers,
    credentials: cors?.allowCredentials ?? config.allow_credentials,
    maxAge: cors?.maxAge ?? config.max_age,
  };
}

function compose(
  config: Config,
  host: Host,
  make: Make,
): HttpRouter & Lifecycle {
  const router = make<HttpRouter>("http.router", {});
  const base = config.basepath.replace(/\/$/, "");
  const around = middlewaresOf(config, make);
  const answer = inTime(config, host, (context) => router.handle(context));
  const handle = around.reduceRight<Handle>(
    (next, middleware) => (context) =>
      middleware.process(context, async () => await next(context)),
    answer,
  );
  return {
    mount: (routes) =>
      router.mount(
        routes.map((route) => ({ ...route, pattern: base + route.pattern })),
      ),
    follow: (method, pattern, follow) =>
      router.follow(method, base + pattern, follow),
    routes: () => router.routes(),
    handle,
    open() {
      if (!config.logRoutes) return;
      for (const { method, pattern } of router.routes()) {
        host.log.info(`${method} ${pattern}`, { method, path: pattern });
      }
    },
  };
}

type Handle = (context: HttpContext) => Response | Promise<Response>;

function middlewaresOf(config: Config, make: Make): HttpMiddleware[] {
  const found: HttpMiddleware[] = [];
  if (config.middleware?.requestId) {
    found.push(make<HttpMiddleware>("http.middleware.requestid", {}));
  }
  const { isEnabled, origins, methods, headers, maxAge, credentials } = corsOf(
    config,
  );
  if (isEnabled) {
    const inner = make<HttpMiddleware>("http.middleware.cors", {
      allowedOrigins: origins,
      allowedMethods: methods,
      allowedHeaders: headers,
      maxAge,
    });
    found.push(preflightsOnly(inner, credentials));
  }
  return found;
}

/** An OPTIONS that is no preflight is for the routes to answer. */
function preflightsOnly(
  cors: HttpMiddleware,
  credentials: boolean,
): HttpMiddleware {
  return {
    async process(context, next) {
      const isPreflight = context.request.headers
        .has("access-control-request-method");
      if (context.method === "OPTIONS" && !isPreflight) return await next();
      const response = await cors.process(context, next);
      const isAllowed = response.headers.has("access-control-allow-origin");
      if (!credentials || !isAllowed) return response;
      response.headers.set("access-control-allow-credentials", "true");
      return response;
    },
  };
}

/** Answers 504 in place of what takes too long to begin. */
function inTime({ timeout }: Config, host: Host, next: Handle): Handle {
  const ms = typeof timeout === "number"
    ? timeout * 1_000
    : durationMs(timeout);
  if (ms <= 0) return next;
  return (context) => {
    const answer = next(context);
    if (answer instanceof Response) return answer;
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    let isLate = false;
    const cancel = host.effects.clock.after(ms, () => {
      isLate = true;
      resolve(textAnswer(504, "Gateway Timeout"));
    });
    answer.then((response) => {
      cancel();
      resolve(response);
      // Nobody reads an answer that comes too late; its source may end.
      if (isLate) response.body?.cancel().catch(() => {});
    }, (error) => {
      cancel();
      reject(error);
    });
    return promise;
  };
}
