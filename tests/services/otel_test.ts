import assert from "node:assert/strict";
import { definitions } from "../../catalog.gen.ts";
import { systemEffects } from "../../engine/effects.ts";
import { HealthReporter } from "../../engine/services/health_reporter.ts";
import { HttpServer } from "../../engine/services/http_server.ts";
import { memoryStore } from "../../engine/store/memory.ts";
import { startApplication } from "../../engine/testing.ts";
import {
  type CollectedSpan,
  newCollector,
  serverOfFile,
} from "./otel_collector.ts";
import { until } from "./eventually.ts";
import { freePort, serverTest } from "./server.ts";

const server = await serverOfFile();

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

const WEB = [
  { name: "web", type: "http.server", config: { address: "127.0.0.1:0" } },
  { name: "router", type: "http.router" },
  { name: "health", type: "health.checker" },
  { name: "metrics", type: "metrics.collector" },
];

const ORDERS = [
  { name: "machines", type: "statemachine.engine" },
  {
    name: "orders",
    type: "api.handler",
    config: {
      resourceName: "orders",
      workflowType: "order",
      workflowEngine: "machines",
    },
  },
];

const WORKFLOWS = {
  http: {
    router: "router",
    server: "web",
    routes: [
      { method: "POST", path: "/orders", handler: "orders" },
      { method: "PUT", path: "/orders/{id}/transition", handler: "orders" },
    ],
  },
  statemachine: {
    engine: "machines",
    definitions: [{
      name: "order",
      initialState: "new",
      states: { new: {}, shipping: {}, shipped: { isFinal: true } },
      transitions: {
        ship: { fromState: "new", toState: "shipping" },
        arrive: { fromState: "shipping", toState: "shipped" },
      },
    }],
    hooks: [{ transitions: ["ship"], pipeline: "tell" }],
  },
};

/** Orders that tell a warehouse when they are shipped. */
function shop(
  endpoint: string,
  warehouse: string,
  config: Readonly<Record<string, unknown>> = {},
) {
  const traces = { endpoint, serviceName: "shop", batchInterval: "50ms" };
  const url = `${warehouse}/parcels?key=nobody`;
  const move = {
    definition: "order",
    id: "${{ input.workflowId }}",
    transition: "arrive",
  };
  return {
    modules: [...WEB, ...ORDERS, {
      name: "traces",
      type: "observability.otel",
      config: { ...traces, ...config },
    }],
    workflows: WORKFLOWS,
    pipelines: {
      tell: {
        input: { workflowId: "string" },
        steps: [
          {
            id: "ask",
            use: "http.request",
            with: { method: "POST", url, allowPrivateIPs: true },
          },
          { id: "arrive", use: "statemachine.transition", with: move },
        ],
      },
    },
  };
}

/** A service that keeps the traceparents that it is told. */
function warehouse() {
  const told: string[] = [];
  const running = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      told.push(request.headers.get("traceparent") ?? "");
      return Response.json({ ok: true });
    },
  );
  return {
    told,
    url: `http://127.0.0.1:${running.addr.port}`,
    [Symbol.asyncDispose]: () => running.shutdown(),
  };
}

function start(
  document: Readonly<Record<string, unknown>>,
  store = memoryStore({ now: Date.now }),
) {
  return startApplication({
    ...{ document, definitions, store },
    effects: systemEffects(),
  });
}

type Shop = Awaited<ReturnType<typeof start>>;

/** Asks over the socket, as a service would that traces as well. */
async function ask(app: Shop, method: string, path: string, body: unknown) {
  const [address] = app.service(HttpServer).addresses();
  const response = await fetch(`${address}${path}`, {
    method,
    headers: { "content-type": "application/json", traceparent: TRACEPARENT },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${response.status} ${text}`);
}

async function shipOrder(app: Shop, id: string) {
  await ask(app, "POST", "/orders", { id });
  const path = `/orders/${id}/transition`;
  await ask(app, "PUT", path, { transition: "ship" });
}

function byName(spans: readonly CollectedSpan[], name: string): CollectedSpan {
  const found = spans.filter((span) => span.name === name);
  assert.equal(found.length, 1, `${found.length} spans are called ${name}`);
  const [span] = found;
  assert.ok(span);
  return span;
}

async function metric(app: Shop, line: RegExp): Promise<number> {
  const text = await (await app.request("GET", "/metrics")).text();
  return Number(line.exec(text)?.[1] ?? 0);
}

const health = (app: Shop) => app.service(HealthReporter, "traces").health();

serverTest(
  "one trace leads from a caller's request through handler, transition, run and step to the service that a step asks",
  server,
  async (collector) => {
    await using service = warehouse();
    await using app = await start(shop(collector.url, service.url));
    await shipOrder(app, "o1");
    const all = await collector.until((spans) =>
      spans.some(({ attributes }) =>
        attributes["workflow.to_state"] === "shipped"
      ) && spans.some(({ name }) => name === "workflow.step.arrive") &&
      spans.some(({ name, attributes }) =>
        name === "workflow.execute" && attributes["workflow.type"] === "tell"
      )
    );
    const spans = all.filter(({ traceId }) => traceId === TRACE);
    const request = byName(spans, "PUT /orders/{id}/transition");
    assert.equal(request.parentSpanId, CALLER);
    assert.equal(request.kind, SERVER);
    assert.equal(request.attributes["http.route"], "/orders/{id}/transition");
    assert.equal(request.attributes["http.response.status_code"], "200");
    assert.equal(request.attributes["url.path"], "/orders/o1/transition");
    assert.equal(request.resource["service.name"], "shop");
    const handler = spans.find(({ name, parentSpanId }) =>
      name === "workflow.handler.orders" && parentSpanId === request.spanId
    );
    assert.ok(handler);
    const transition = spans.find(({ name, attributes }) =>
      name === "workflow.transition" &&
      attributes["workflow.transition"] === "ship"
    );
    assert.ok(transition);
    assert.equal(transition.parentSpanId, handler.spanId);
    assert.equal(transition.attributes["workflow.to_state"], "shipping");
    const hook = byName(spans, "workflow.hook.pipeline:tell");
    assert.equal(hook.parentSpanId, transition.spanId);
    const run = byName(spans, "workflow.execute");
    assert.equal(run.parentSpanId, hook.spanId);
    assert.equal(run.attributes["workflow.type"], "tell");
    const step = byName(spans, "workflow.step.ask");
    assert.equal(step.parentSpanId, run.spanId);
    assert.equal(step.attributes["workflow.step.type"], "http.request");
    const call = byName(spans, "POST");
    assert.equal(call.parentSpanId, step.spanId);
    assert.equal(call.kind, CLIENT);
    assert.equal(call.attributes["url.full"], `${service.url}/parcels`);
    assert.deepEqual(service.told, [`00-${TRACE}-${call.spanId}-01`]);
    const arrive = byName(spans, "workflow.step.arrive");
    assert.equal(arrive.parentSpanId, run.spanId);
    const inner = spans.find(({ attributes }) =>
      attributes["workflow.transition"] === "arrive"
    );
    assert.equal(inner?.parentSpanId, arrive.spanId);
    for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
      assert.ok(BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano));
    }
    assert.deepEqual(await health(app), { status: "healthy" });
  },
);

serverTest(
  "a step that fails is told with its reason, each attempt as a span of its own",
  server,
  async (collector) => {
    const nowhere = `http://127.0.0.1:${freePort()}`;
    const document = shop(collector.url, nowhere);
    const [first] = document.pipelines.tell.steps;
    Object.assign(first ?? {}, {
      id: "reach",
      retry: { attempts: 2, backoff: "1ms" },
    });
    await using app = await start(document);
    await shipOrder(app, "f1");
    const spans = await collector.until((spans) =>
      spans.filter(({ name }) => name === "workflow.step.reach").length === 2
    );
    const attempts = spans.filter(({ name }) => name === "workflow.step.reach");
    for (const { status } of attempts) {
      assert.equal(status.code, ERROR);
      assert.match(status.message ?? "", /Cannot reach/);
    }
    assert.deepEqual(
      attempts.map(({ attributes }) => attributes["workflow.step.attempt"])
        .toSorted(),
      ["1", "2"],
    );
  },
);

serverTest(
  "a run goes on in its trace after a restart",
  server,
  async (collector) => {
    await using service = warehouse();
    const store = memoryStore({ now: Date.now });
    const document = {
      ...shop(collector.url, service.url),
      pipelines: {
        tell: {
          input: { workflowId: "string" },
          steps: [
            { id: "before", use: "log", with: { message: "before" } },
            { id: "go", wait: { signal: "go" } },
            {
              id: "behind",
              use: "http.request",
              with: { url: service.url, allowPrivateIPs: true },
            },
          ],
        },
      },
    };
    let id = "";
    {
      await using app = await start(document, store);
      await shipOrder(app, "r1");
      const { runs } = app.application;
      await until(() => {
        const run = [...runs.live()].find(({ status }) => status === "waiting");
        id = run?.id ?? "";
        return run !== undefined;
      });
    }
    await using app = await start(document, store);
    await app.application.runs.signal(id, "go", {});
    const mine = (span: CollectedSpan) =>
      span.attributes["workflow.run"] === id;
    const spans = await collector.until((spans) =>
      spans.some((span) => mine(span) && span.name === "workflow.execute") &&
      spans.some((span) => mine(span) && span.name === "workflow.step.behind")
    );
    const own = spans.filter(mine);
    const run = byName(own, "workflow.execute");
    assert.equal(run.traceId, TRACE);
    for (const name of ["workflow.step.before", "workflow.step.behind"]) {
      assert.equal(byName(own, name).parentSpanId, run.spanId);
      assert.equal(byName(own, name).traceId, TRACE);
    }
    assert.match(service.told[0] ?? "", new RegExp(`^00-${TRACE}-`));
  },
);

serverTest(
  "an application whose collector is not there works, says so, and tells all of it later",
  server,
  async () => {
    await using collector = await newCollector();
    await using service = warehouse();
    await using app = await start(shop(collector.url, service.url));
    await shipOrder(app, "d1");
    await until(async () => (await health(app)).status === "degraded");
    const { message } = await health(app);
    assert.match(
      message ?? "",
      /^Cannot reach http:\/\/127\.0\.0\.1:\d+\/v1\/traces: /,
    );
    const report = await (await app.request("GET", "/healthz")).json();
    assert.equal(report.status, "degraded");
    await collector.start();
    await collector.until((spans) =>
      spans.some(({ attributes }) =>
        attributes["url.path"] === "/orders/d1/transition"
      )
    );
    await until(async () => (await health(app)).status === "healthy");
    assert.equal(await metric(app, /^otel_spans_dropped_total\S* (\d+)$/m), 0);
  },
);

serverTest(
  "spans outlive a collector that is killed and comes back; what is too many is counted",
  server,
  async () => {
    await using collector = await newCollector();
    await collector.start();
    await using service = warehouse();
    const limits = { queueSize: 50, batchSize: 10, timeout: "1s" };
    await using app = await start(shop(collector.url, service.url, limits));
    await ask(app, "POST", "/orders", { id: "k0" });
    await collector.until((spans) => spans.length > 0);
    await collector.kill();
    for (let n = 1; n <= 60; n++) {
      await ask(app, "POST", "/orders", { id: `k${n}` });
    }
    await until(async () => (await health(app)).status === "degraded");
    await collector.start();
    await until(async () => (await health(app)).status === "healthy");
    const exported = /^otel_spans_exported_total\S* (\d+)$/m;
    const dropped =
      /^otel_spans_dropped_total\{[^}]*reason="queue-full"[^}]*\} (\d+)$/m;
    // Each answer of /metrics is a request as well.
    await until(async () => {
      const count = await metric(app, exported);
      return count >= 50 && (await collector.spans()).length >= count;
    });
    const lost = await metric(app, dropped);
    assert.ok(lost > 0, `${lost} spans were dropped`);
    const names = (await collector.spans())
      .filter(({ name }) => name === "POST /orders").length;
    // A handler and a request each; what was taken has arrived.
    assert.ok(names >= 20 && names < 61, `${names} requests are told of`);
  },
);

serverTest(
  "a stop sends what waits, and does not wait for a collector that hangs",
  server,
  async () => {
    await using collector = await newCollector();
    await collector.start();
    await using service = warehouse();
    const slow = { batchInterval: "1h", shutdownTimeout: "300ms" };
    const app = await start(shop(collector.url, service.url, slow));
    await ask(app, "POST", "/orders", { id: "s1" });
    assert.deepEqual(await collector.spans(), []);
    await app.stop();
    await collector.until((spans) =>
      spans.some(({ name }) => name === "POST /orders")
    );
    const next = await start(shop(collector.url, service.url, slow));
    await ask(next, "POST", "/orders", { id: "s2" });
    await collector.signal("SIGSTOP");
    const startedMs = performance.now();
    await next.stop();
    const tookMs = performance.now() - startedMs;
    await collector.signal("SIGCONT");
    assert.ok(tookMs < 3_000, `the stop took ${tookMs} ms`);
  },
);
