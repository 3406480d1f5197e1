/**
 * The config of `http.proxy`: the keys of the original engine's reverse proxy,
 * as far as they have an effect here.
 *
 * @module
 */
import { z } from "zod";
import { duration, ref } from "@engine/define.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { backendUrl } from "./_backend_url.ts";

const headerName = z.string().regex(
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  "Expected a header name",
);

const headerValue = z.string().regex(
  /^[\t\x20-\x7e]*$/,
  "Expected one line of printable ASCII characters",
);

const compositeRoute = z.strictObject({
  pattern: z.string().optional().describe(
    "The paths, such as /api/users or /api/users/*; absent: the key of this entry",
  ),
  backends: z.array(z.string()).min(1).describe(
    "The backends that can answer, in order of preference",
  ),
  strategy: z.enum(["select", "first"]).default("select").describe(
    "select asks the first backend that is well; first goes on to the next one when a backend fails and the request has no body",
  ),
});

const routeConfig = z.strictObject({
  timeout: duration().optional().describe(
    "How long a backend may take on these paths",
  ),
  path_rewriting: z.strictObject({
    strip_base_path: z.string().startsWith("/").optional().describe(
      "What is taken away from the beginning of the path",
    ),
    base_path_rewrite: z.string().startsWith("/").optional().describe(
      "What is then put in front of the path",
    ),
  }).optional().describe("How the path changes on its way"),
  header_rewriting: z.strictObject({
    set_headers: z.record(headerName, headerValue).optional().describe(
      "Headers that the backend gets, by name",
    ),
    remove_headers: z.array(headerName).optional().describe(
      "Headers of the client that the backend does not get",
    ),
  }).optional().describe("How the headers change on their way"),
});

const circuitBreaker = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether it is at work"),
  failure_threshold: z.int().min(1).default(5).meta({ unit: "count" }).describe(
    "After how many failures in a row a backend is not asked any more",
  ),
  open_timeout: duration().default("30s").describe(
    "After which time one request tries again",
  ),
});

const healthCheck = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether it is at work"),
  interval: duration().default("30s").describe(
    "The time between two questions to the same backend",
  ),
  timeout: duration().default("5s").describe(
    "How long a backend may take to answer",
  ),
  health_endpoints: z.record(z.string(), z.string().startsWith("/"))
    .default({})
    .describe("The path that is asked for, by backend; absent: /"),
  expected_status_codes: z.array(z.int().min(100).max(599)).min(1)
    .optional()
    .describe("The statuses of a backend that is well; absent: 200 to 399"),
});

/** What the config of `http.proxy` looks like. */
export const gatewayConfig = z.strictObject({
  backend_services: z.record(z.string(), backendUrl()).default({}).describe(
    "The address of each backend, by id: what is called users also gets /api/users and all below",
  ),
  default_backend: z.string().optional().describe(
    "The backend of paths that nothing else claims",
  ),
  routes: z.record(z.string(), z.string()).default({}).describe(
    "The backend for each pattern, such as /api/users/*; the proxy mounts the pattern itself, for every method and without middlewares, below what workflows.http states",
  ),
  composite_routes: z.record(z.string(), compositeRoute).default({}).describe(
    "Patterns that several backends can answer",
  ),
  route_configs: z.record(z.string(), routeConfig).default({}).describe(
    "What is special about the paths of a pattern",
  ),
  request_timeout: duration().default("10s").describe(
    "How long a backend may take until its answer begins",
  ),
  timeout: z.number().positive().optional().meta({ unit: "s" }).describe(
    "The same in seconds; wins over request_timeout",
  ),
  forward_headers: z.array(headerName).optional().describe(
    "The request headers that go to the backend, beside those about the body, caching and content types; absent: all",
  ),
  circuit_breaker: circuitBreaker.optional().describe(
    "Spares backends that fail",
  ),
  cache_enabled: z.boolean().default(false).describe(
    "Whether answers to GETs without credentials are kept for a while",
  ),
  cache_ttl: duration().default("60s").describe(
    "How long an answer is kept at most; the backend may ask for less",
  ),
  tenant_id_header: headerName.default("X-Tenant-ID").describe(
    "The header that names the tenant; it always goes to the backend, and each tenant has a cache of its own",
  ),
  require_tenant_id: z.boolean().default(false).describe(
    "Whether a request without a tenant is refused",
  ),
  health_check: healthCheck.optional().describe(
    "Asks backends whether they are well, so that composite routes avoid those which are not",
  ),
  router: ref(HttpRouter).optional().describe(
    "Where the patterns of routes and composite_routes are mounted; they give way to routes that the document states",
  ),
});

/** The config of `http.proxy`. */
export type GatewayConfig = z.output<typeof gatewayConfig>;
