import assert from "node:assert/strict";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { HttpContext, HttpHandler } from "@engine/services/http_handler.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { startApplication } from "@engine/testing.ts";
import http from "../../workflows/types/http.ts";
import handler from "./handler.ts";
import proxy from "./proxy.ts";
import router from "./router.ts";
import server from "./server.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

const BACKENDS = {
  users: "http://users:8080",
  orders: "http://orders:8080",
  health: "http://health:8091",
};

/** A gateway in a simulated world in which `fetch` stands for every backend. */
function start(config: Record<string, unknown>, fetch: Fetch = echo) {
  return startApplication({
    document: { modules: [{ name: "gateway", type: "http.proxy", config }] },
    definitions: [proxy],
    effects: effectsWith(fetch),
  });
}

function effectsWith(fetch: Fetch) {
  return simulatedEffects({
    fetch: (input, init) => Promise.resolve(fetch(new Request(input, init))),
  });
}

async function ask(
  gateway: HttpHandler,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const request = new Request(`http://gateway.example${path}`, init);
  return await gateway.handle(new HttpContext(request, "192.0.2.1"));
}

/** Tells which address was asked for. */
const echo: Fetch = ({ url }) => new Response(url);

function hostOf({ url }: Request): string {
  return new URL(url).hostname;
}

Deno.test("http.proxy picks the backend by the first API word, else the default", async () => {
  await using app = await start({
    backend_services: BACKENDS,
    default_backend: "health",
  });
  const gateway = app.service(HttpHandler);
  const cases = [
    ["/api/users", "http://users:8080/api/users"],
    ["/api/orders/7?x=1", "http://orders:8080/api/orders/7?x=1"],
    ["/api/unknown", "http://health:8091/api/unknown"],
    ["/health", "http://health:8091/health"],
  ] as const;
  for (const [path, expected] of cases) {
    assert.equal(await (await ask(gateway, path)).text(), expected);
  }
});

Deno.test("http.proxy answers 404 where no backend serves a path", async () => {
  await using app = await start({ backend_services: BACKENDS });
  const response = await ask(app.service(HttpHandler), "/health");
  assert.equal(response.status, 404);
  assert.deepEqual(await response.json(), {
    error: "No backend serves this path",
  });
});

Deno.test("http.proxy answers 502 as JSON where the backend is gone", async () => {
  await using app = await start({ backend_services: BACKENDS }, () => {
    throw new TypeError("Cannot connect");
  });
  const response = await ask(app.service(HttpHandler), "/api/users/7");
  assert.equal(response.status, 502);
  assert.deepEqual(await response.json(), {
    backend: "users:8080",
    error: "The backend cannot be reached",
    path: "/api/users/7",
  });
});

Deno.test("http.proxy passes no answer on that hands over the connection", async () => {
  const switching = new Response(null, { status: 101 });
  await using app = await start({
    backend_services: BACKENDS,
    default_backend: "users",
  }, () => switching);
  const { status } = await ask(app.service(HttpHandler), "/x");
  assert.equal(status, 502);
});

Deno.test("http.proxy takes its timeout in seconds, as a duration, or by route", async () => {
  const cases = [
    [{}, 10_000],
    [{ timeout: 3 }, 3_000],
    [{ request_timeout: "4s" }, 4_000],
    [{ request_timeout: "4s", timeout: 3 }, 3_000],
    [{ timeout: 3, route_configs: { "/api/users": { timeout: "7s" } } }, 7_000],
    [{ timeout: 3, route_configs: { "/other": { timeout: "7s" } } }, 3_000],
  ] as const;
  for (const [config, ms] of cases) {
    await using app = await start(
      { backend_services: BACKENDS, ...config },
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    );
    const pending = ask(app.service(HttpHandler), "/api/users");
    await app.effects.advance(ms - 1);
    assert.equal(app.effects.timers, 1);
    await app.effects.advance(1);
    const response = await pending;
    assert.equal(response.status, 504);
    assert.match(await response.text(), new RegExp(`within ${ms} ms`));
  }
});

Deno.test("http.proxy sends on what the routes and their rewriting say", async () => {
  let seen = new Headers();
  await using app = await start({
    backend_services: BACKENDS,
    routes: { "/shop/*": "orders" },
    route_configs: {
      "/shop/*": {
        path_rewriting: {
          strip_base_path: "/shop",
          base_path_rewrite: "/v1",
        },
        header_rewriting: {
          set_headers: { "X-Via": "gateway" },
          remove_headers: ["X-Debug"],
        },
      },
    },
    forward_headers: ["Authorization", "X-Debug"],
  }, (request) => {
    seen = request.headers;
    return new Response(request.url);
  });
  const response = await ask(app.service(HttpHandler), "/shop/cart?x=1", {
    headers: { Authorization: "Bearer t", "X-Debug": "1", Cookie: "a=1" },
  });
  assert.equal(await response.text(), "http://orders:8080/v1/cart?x=1");
  assert.equal(seen.get("authorization"), "Bearer t");
  assert.equal(seen.get("x-via"), "gateway");
  assert.equal(seen.has("x-debug"), false);
  assert.equal(seen.has("cookie"), false);
});

Deno.test("http.proxy asks for a tenant where it must, and passes it on", async () => {
  let tenant: string | null = null;
  await using app = await start({
    backend_services: BACKENDS,
    require_tenant_id: true,
    tenant_id_header: "X-Org",
    forward_headers: [],
  }, ({ headers }) => {
    tenant = headers.get("x-org");
    return new Response();
  });
  const gateway = app.service(HttpHandler);
  const refused = await ask(gateway, "/api/users");
  assert.equal(refused.status, 400);
  assert.deepEqual(await refused.json(), {
    error: "The header X-Org is missing",
  });
  const passed = await ask(gateway, "/api/users", {
    headers: { "X-Org": "north" },
  });
  assert.equal(passed.status, 200);
  assert.equal(tenant, "north");
});

const COMPOSITE = {
  backend_services: BACKENDS,
  composite_routes: {
    "/all": { backends: ["users", "orders", "health"], strategy: "first" },
    "/one": { backends: ["users", "orders"], strategy: "select" },
  },
};

Deno.test("http.proxy goes on to the next backend with the strategy first", async () => {
  const asked: string[] = [];
  await using app = await start(COMPOSITE, (request) => {
    asked.push(hostOf(request));
    if (hostOf(request) === "users") throw new TypeError("Cannot connect");
    if (hostOf(request) === "orders") return new Response("", { status: 503 });
    return new Response("from health");
  });
  const gateway = app.service(HttpHandler);
  const response = await ask(gateway, "/all");
  assert.equal(await response.text(), "from health");
  assert.deepEqual(asked.splice(0), ["users", "orders", "health"]);
  assert.equal((await ask(gateway, "/one")).status, 502);
  assert.deepEqual(asked, ["users"]);
});

Deno.test("http.proxy gives the last answer where every backend fails", async () => {
  await using app = await start(
    COMPOSITE,
    (request) => new Response(hostOf(request), { status: 500 }),
  );
  const response = await ask(app.service(HttpHandler), "/all");
  assert.equal(response.status, 500);
  assert.equal(await response.text(), "health");
});

Deno.test("http.proxy never sends a body or a change to a second backend", async () => {
  let requests = 0;
  await using app = await start(COMPOSITE, () => {
    requests++;
    throw new TypeError("Cannot connect");
  });
  const gateway = app.service(HttpHandler);
  await ask(gateway, "/all", { method: "POST", body: "pay" });
  assert.equal(requests, 1);
  await ask(gateway, "/all", { method: "DELETE" });
  assert.equal(requests, 2);
});

Deno.test("http.proxy stops asking a backend that fails, then tries again", async () => {
  let isWell = false;
  let requests = 0;
  await using app = await start({
    backend_services: BACKENDS,
    circuit_breaker: { failure_threshold: 2, open_timeout: "20s" },
  }, () => {
    requests++;
    return new Response("", { status: isWell ? 200 : 500 });
  });
  const gateway = app.service(HttpHandler);
  const reporter = app.service(HealthReporter);
  for (let i = 0; i < 2; i++) {
    assert.equal((await ask(gateway, "/api/users")).status, 500);
  }
  const refused = await ask(gateway, "/api/users");
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "20");
  assert.equal(requests, 2);
  assert.deepEqual(await reporter.health(), {
    status: "degraded",
    message: "No good answer from: users",
  });
  // Others are not affected.
  assert.equal((await ask(gateway, "/api/orders")).status, 500);
  isWell = true;
  await app.effects.advance(20_000);
  assert.equal((await ask(gateway, "/api/users")).status, 200);
  assert.equal((await reporter.health()).status, "healthy");
});

Deno.test("http.proxy has no circuit breaker unless it is asked for", async () => {
  for (const config of [{}, { circuit_breaker: { enabled: false } }]) {
    await using app = await start(
      { backend_services: BACKENDS, ...config },
      () => new Response("", { status: 500 }),
    );
    for (let i = 0; i < 10; i++) {
      const response = await ask(app.service(HttpHandler), "/api/users");
      assert.equal(response.status, 500);
    }
  }
});

Deno.test("http.proxy does not count clients that leave as failures", async () => {
  await using app = await start({
    backend_services: BACKENDS,
    circuit_breaker: { failure_threshold: 1 },
  }, ({ signal }) => {
    if (!signal.aborted) return new Response("ok");
    throw signal.reason;
  });
  const gateway = app.service(HttpHandler);
  const gone = await ask(gateway, "/api/users", {
    signal: AbortSignal.abort(),
  });
  assert.equal(gone.status, 499);
  assert.equal((await ask(gateway, "/api/users")).status, 200);
});

Deno.test("http.proxy keeps answers for a while where it is told to", async () => {
  let requests = 0;
  await using app = await start({
    backend_services: BACKENDS,
    cache_enabled: true,
    cache_ttl: "30s",
  }, () => new Response(`answer ${++requests}`));
  const gateway = app.service(HttpHandler);
  const text = async (path: string, headers: Record<string, string> = {}) =>
    await (await ask(gateway, path, { headers })).text();
  assert.equal(await text("/api/users"), "answer 1");
  assert.equal(await text("/api/users"), "answer 1");
  assert.equal(await text("/api/users?page=2"), "answer 2");
  assert.equal(await text("/api/users", { "X-Tenant-ID": "a" }), "answer 3");
  assert.equal(await text("/api/users", { Authorization: "t" }), "answer 4");
  // What a client claims about the host must not reach others.
  const forged = { "X-Forwarded-Host": "evil.example" };
  assert.equal(await text("/api/users", forged), "answer 5");
  assert.equal(await text("/api/users"), "answer 1");
  await app.effects.advance(30_000);
  assert.equal(await text("/api/users"), "answer 6");
});

Deno.test("http.proxy keeps nothing unless it is told to", async () => {
  let requests = 0;
  await using app = await start(
    { backend_services: BACKENDS },
    () => new Response(`answer ${++requests}`),
  );
  const gateway = app.service(HttpHandler);
  for (const expected of ["answer 1", "answer 2"]) {
    assert.equal(await (await ask(gateway, "/api/users")).text(), expected);
  }
});

Deno.test("http.proxy avoids backends whose health check fails", async () => {
  const asked: string[] = [];
  const unwell = new Set(["users"]);
  await using app = await start({
    ...COMPOSITE,
    health_check: {
      interval: "10s",
      health_endpoints: { users: "/healthz" },
    },
  }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/one") asked.push(request.url);
    return new Response(hostOf(request), {
      status: unwell.has(hostOf(request)) ? 503 : 200,
    });
  });
  const gateway = app.service(HttpHandler);
  const reporter = app.service(HealthReporter);
  assert.equal(reporter.healthName, "proxy.gateway");
  await app.effects.advance(0);
  assert.deepEqual(asked.splice(0), [
    "http://users:8080/healthz",
    "http://orders:8080/",
    "http://health:8091/",
  ]);
  assert.equal(await (await ask(gateway, "/one")).text(), "orders");
  assert.deepEqual(await reporter.health(), {
    status: "degraded",
    message: "No good answer from: users",
  });
  unwell.clear();
  await app.effects.advance(10_000);
  assert.equal(await (await ask(gateway, "/one")).text(), "users");
  assert.equal((await reporter.health()).status, "healthy");
  const messages = app.logs.map(({ message }) => message);
  assert.ok(messages.includes("Backend users is unwell: status 503"));
  assert.ok(messages.includes("Backend users is well again"));
});

Deno.test("http.proxy is unhealthy when every backend is, and asks no more once closed", async () => {
  let requests = 0;
  const app = await start({
    backend_services: BACKENDS,
    health_check: {
      interval: "10s",
      timeout: "1s",
      expected_status_codes: [204],
    },
  }, () => {
    requests++;
    return new Response();
  });
  await app.effects.advance(0);
  const { status } = await app.service(HealthReporter).health();
  assert.equal(status, "unhealthy");
  assert.equal(requests, 3);
  await app.stop();
  await app.effects.advance(60_000);
  assert.equal(requests, 3);
  assert.equal(app.effects.timers, 0);
});

Deno.test("http.proxy takes a backend that does not answer its health check as unwell", async () => {
  await using app = await start({
    backend_services: { users: "http://users" },
    health_check: { timeout: "1s" },
  }, ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    }));
  const reporter = app.service(HealthReporter);
  assert.equal((await reporter.health()).status, "healthy");
  await app.effects.advance(1_000);
  assert.equal((await reporter.health()).status, "unhealthy");
});

/** A whole application with a server, in which backends only echo. */
function startMounted(
  config: Record<string, unknown>,
  routes: readonly Record<string, unknown>[] = [],
) {
  return startApplication({
    document: {
      modules: [
        { name: "server", type: "http.server", config: { address: ":0" } },
        { name: "router", type: "http.router" },
        { name: "own", type: "http.handler" },
        { name: "gateway", type: "http.proxy", config },
      ],
      workflows: { http: { routes } },
    },
    definitions: [server, router, handler, proxy, http],
    effects: effectsWith(echo),
  });
}

Deno.test("http.proxy mounts its patterns and the default behind stated routes", async () => {
  await using app = await startMounted({
    backend_services: BACKENDS,
    default_backend: "health",
    composite_routes: { "/api/users": { backends: ["users"] } },
    routes: { "/static/*": "orders" },
  }, [{ method: "GET", path: "/api/users", handler: "own" }]);
  const text = async (method: string, path: string) =>
    await (await app.request(method, path)).text();
  assert.match(await text("GET", "/api/users"), /"handler":"own"/);
  assert.equal(await text("POST", "/api/users"), "http://users:8080/api/users");
  assert.equal(
    await text("GET", "/api/users/7"),
    "http://users:8080/api/users/7",
  );
  assert.equal(await text("GET", "/static/a"), "http://orders:8080/static/a");
  assert.equal(await text("DELETE", "/x"), "http://health:8091/x");
});

Deno.test("http.proxy mounts nothing where it states no patterns", async () => {
  await using app = await startMounted({
    backend_services: BACKENDS,
    default_backend: "health",
  }, [{ method: "GET", path: "/health", handler: "gateway" }]);
  assert.equal((await app.request("GET", "/health")).status, 200);
  assert.equal((await app.request("GET", "/other")).status, 404);
  assert.equal((await app.request("POST", "/health")).status, 405);
});

Deno.test("http.proxy reads its config from the section reverseproxy as well", async () => {
  await using app = await startApplication({
    document: {
      modules: [{ name: "gateway", type: "http.proxy" }],
      reverseproxy: {
        backend_services: BACKENDS,
        default_backend: "health",
        timeout: 10,
        forward_headers: ["Authorization", "User-Agent", "X-Request-ID"],
      },
    },
    definitions: [proxy],
    effects: effectsWith(echo),
  });
  const response = await ask(app.service(HttpHandler), "/metrics");
  assert.equal(await response.text(), "http://health:8091/metrics");
});

Deno.test("http.proxy refuses names and patterns that mean nothing", async () => {
  const refused = (config: Record<string, unknown>, message: RegExp) =>
    assert.rejects(start({ backend_services: BACKENDS, ...config }), message);
  await refused({ default_backend: "nobody" }, /No backend is called "nobody"/);
  await refused({ routes: { "/a": "nobody" } }, /"nobody"/);
  await refused(
    { composite_routes: { "/a": { backends: ["users", "nobody"] } } },
    /"nobody"/,
  );
  await refused({ composite_routes: { "/a": { backends: [] } } }, /backends/);
  await refused(
    { composite_routes: { a: { backends: ["users"] } } },
    /The pattern "a" must be a path/,
  );
  await refused({ routes: { "/a/{id}": "users" } }, /The pattern "\/a\/{id}"/);
  await refused({ route_configs: { "a*": {} } }, /The pattern "a\*"/);
  await refused({ request_timeout: "0s" }, /longer than 0/);
  await refused({ health_check: { interval: "-1s" } }, /longer than 0/);
  await refused(
    { health_check: { health_endpoints: { nobody: "/" } } },
    /"nobody"/,
  );
  await refused({ backend_services: { a: "users:80" } }, /address such as/);
});
