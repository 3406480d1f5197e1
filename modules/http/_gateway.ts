/**
 * What `http.proxy` does with a request: find its backends, ask one of them or
 * several, and remember how that went.
 *
 * @module
 */
import { durationMs, type Host, type Lifecycle } from "@engine/define.ts";
import type {
  Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import type {
  HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import type { Route } from "@engine/services/http_router.ts";
import {
  backendChoice,
  type Choice,
  PatternMap,
  prefixOf,
} from "./_backend_choice.ts";
import { below, type Target, targetOf } from "../_backend_url.ts";
import { CircuitBreaker } from "./_circuit_breaker.ts";
import { forward, type Forwarded } from "./_forward.ts";
import type { GatewayConfig } from "../_gateway_config.ts";
import {
  gatewayHeaders,
  type Rewriting,
  rewritten,
} from "./_gateway_rewrite.ts";
import { HealthProbe } from "./_health_probe.ts";
import { answerTo, proxyError } from "./_proxy_answer.ts";
import { ResponseCache } from "./_response_cache.ts";

/** Methods that may be sent again to another backend. */
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** The methods under which patterns are mounted; GET also serves HEAD. */
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

interface Backend {
  readonly id: string;
  readonly url: URL;
  readonly breaker: CircuitBreaker | undefined;
}

/** One request with what is known of it. */
interface Passage {
  readonly context: HttpContext;
  readonly target: Target;
  readonly headers: Headers;
  readonly rewriting: Rewriting | undefined;
}

/** See the module comment. */
export class Gateway implements HttpHandler, HealthReporter, Lifecycle {
  readonly healthName: string;
  readonly #config: GatewayConfig;
  readonly #host: Host;
  readonly #choose: (path: string) => Choice | undefined;
  readonly #backends: ReadonlyMap<string, Backend>;
  readonly #rewritings: PatternMap<Rewriting>;
  readonly #timeoutMs: number;
  readonly #cache: ResponseCache | undefined;
  readonly #probe: HealthProbe | undefined;

  constructor(config: GatewayConfig, host: Host) {
    const { clock } = host.effects;
    this.healthName = `proxy.${host.name}`;
    this.#config = config;
    this.#host = host;
    this.#choose = backendChoice(config);
    this.#backends = new Map(
      Object.entries(config.backend_services).map(([id, url]) => [id, {
        id,
        url: new URL(url),
        breaker: breakerOf(config, host),
      }]),
    );
    this.#rewritings = new PatternMap(Object.entries(config.route_configs));
    this.#timeoutMs = config.timeout === undefined
      ? durationMs(config.request_timeout)
      : config.timeout * 1_000;
    this.#cache = config.cache_enabled
      ? new ResponseCache(clock, durationMs(config.cache_ttl))
      : undefined;
    this.#probe = probeOf(config, host);
  }

  wire(): () => void {
    const { router } = this.#config;
    const routes = this.#routes();
    if (router === undefined || routes.length === 0) return () => {};
    return this.#host.use(router).mount(routes);
  }

  open(): void {
    this.#probe?.open();
  }

  close(): void {
    this.#probe?.close();
  }

  health(): Promise<Health> {
    const unwell = [...this.#backends.values()].filter((backend) =>
      this.#isUnwell(backend)
    );
    if (unwell.length === 0) return Promise.resolve({ status: "healthy" });
    const names = unwell.map(({ id }) => id).join(", ");
    return Promise.resolve({
      status: unwell.length < this.#backends.size ? "degraded" : "unhealthy",
      message: `No good answer from: ${names}`,
    });
  }

  async handle(context: HttpContext): Promise<Response> {
    const { tenant_id_header: tenantHeader } = this.#config;
    if (
      this.#config.require_tenant_id &&
      !context.request.headers.get(tenantHeader)
    ) {
      return failure(400, `The header ${tenantHeader} is missing`);
    }
    const target = targetOf(context);
    const choice = this.#choose(target.path);
    if (!choice) return failure(404, "No backend serves this path");
    const rewriting = this.#rewritings.get(target.path);
    const headers = gatewayHeaders(context, this.#config, rewriting);
    const passage = { context, target, headers, rewriting };
    if (!this.#cache?.concerns(context.request)) {
      return await this.#ask(choice, passage);
    }
    const key = cacheKey(target, headers, tenantHeader);
    return this.#cache.get(key) ??
      this.#cache.keep(key, await this.#ask(choice, passage));
  }

  /** Asks the backends in turn until one has given the answer to pass on. */
  async #ask(choice: Choice, passage: Passage): Promise<Response> {
    const { request } = passage.context;
    const goesOn = choice.strategy === "first" && request.body === null &&
      REPEATABLE.has(request.method);
    const path = passage.context.path;
    let last: Response | undefined;
    let waitMs = Infinity;
    for (const backend of this.#candidates(choice)) {
      const backendWaitMs = backend.breaker?.enter() ?? 0;
      if (backendWaitMs > 0) {
        waitMs = Math.min(waitMs, backendWaitMs);
        continue;
      }
      const outcome = await this.#send(backend, passage);
      const place = { backend: backend.url.host, path };
      await last?.body?.cancel();
      last = answerTo(outcome, place, this.#host.log);
      if (!goesOn || !hasFailed(outcome)) return last;
    }
    return last ?? proxyError(
      503,
      "The backend failed too often and is not asked for now",
      { backend: choice.backends.join(", "), path },
      { "retry-after": String(Math.ceil(waitMs / 1_000)) },
    );
  }

  async #send(
    { url, breaker }: Backend,
    { context, target, headers, rewriting }: Passage,
  ): Promise<Forwarded> {
    const timeout = rewriting?.timeout;
    const outcome = await forward(context, {
      url: below(url, rewritten(target, rewriting)),
      headers,
      timeoutMs: timeout === undefined ? this.#timeoutMs : durationMs(timeout),
    }, this.#host.effects);
    if (outcome.kind === "abandoned") breaker?.leave("unknown");
    else breaker?.leave(hasFailed(outcome) ? "failed" : "answered");
    return outcome;
  }

  /** The backends that are well; all of them if none is. */
  #candidates({ backends }: Choice): readonly Backend[] {
    const all = backends.flatMap((id) => this.#backends.get(id) ?? []);
    const unwell = this.#probe?.unwell;
    if (all.length < 2 || !unwell?.size) return all;
    const well = all.filter(({ id }) => !unwell.has(id));
    return well.length === 0 ? all : well;
  }

  #isUnwell({ id, breaker }: Backend): boolean {
    return breaker?.isOpen === true || this.#probe?.unwell.has(id) === true;
  }

  /** The stated patterns, and everything else for the default backend. */
  #routes(): readonly Route[] {
    const { routes, composite_routes, default_backend } = this.#config;
    const prefixes = new Set([
      ...Object.entries(composite_routes)
        .map(([key, { pattern }]) => prefixOf(pattern ?? key)),
      ...Object.keys(routes).map(prefixOf),
    ]);
    if (prefixes.size > 0 && default_backend !== undefined) prefixes.add("");
    return [...prefixes].flatMap((prefix) =>
      (prefix === "" ? ["/{path...}"] : [prefix, `${prefix}/{path...}`])
        .flatMap((pattern) =>
          METHODS.map((method) => ({
            method,
            pattern,
            handler: this,
            middlewares: [],
            implied: true,
          }))
        )
    );
  }
}

/** Whether another backend might do better. */
function hasFailed(outcome: Forwarded): boolean {
  if (outcome.kind === "abandoned") return false;
  return outcome.kind !== "answered" || outcome.response.status >= 500;
}

function failure(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

/** All that an answer may depend on. A header value has no line ends. */
function cacheKey(
  { path, query }: Target,
  headers: Headers,
  tenantHeader: string,
): string {
  return [
    path + query,
    headers.get(tenantHeader),
    headers.get("x-forwarded-host"),
    headers.get("x-forwarded-proto"),
    headers.get("accept"),
    headers.get("accept-language"),
  ].join("\n");
}

function breakerOf(
  { circuit_breaker: options }: GatewayConfig,
  { effects }: Host,
): CircuitBreaker | undefined {
  if (!options?.enabled) return undefined;
  return new CircuitBreaker(effects.clock, {
    failureThreshold: options.failure_threshold,
    openMs: durationMs(options.open_timeout),
  });
}

function probeOf(
  { health_check: options, backend_services }: GatewayConfig,
  host: Host,
): HealthProbe | undefined {
  if (!options?.enabled) return undefined;
  const statuses = options.expected_status_codes;
  return new HealthProbe(host, {
    urls: new Map(
      Object.entries(backend_services).map(([id, url]) => [
        id,
        below(new URL(url), {
          path: options.health_endpoints[id] ?? "/",
          query: "",
        }),
      ]),
    ),
    intervalMs: durationMs(options.interval),
    timeoutMs: durationMs(options.timeout),
    isWell: (status) =>
      statuses?.includes(status) ?? (status >= 200 && status < 400),
  });
}
