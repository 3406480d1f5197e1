import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule, type Host } from "@engine/define.ts";
import { ConfigError } from "@engine/errors.ts";
import { METRICS } from "@engine/observe.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { startApplication } from "@engine/testing.ts";
import router from "../http/router.ts";
import server from "../http/server.ts";
import { OTHER_SERIES, SERIES_MAX } from "./_series.ts";
import collector from "./collector.ts";

/** A module that answers as text and hands its host to the test. */
function probe(hosts: Host[]) {
  return defineModule({
    type: "test.probe",
    summary: "Hands its host to the test",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [HttpHandler],
    examples: [],
    create(_config, host) {
      hosts.push(host);
      return { handle: () => new Response("probe") };
    },
  });
}

function document(...configs: Readonly<Record<string, unknown>>[]) {
  return {
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      { name: "probe", type: "test.probe" },
      ...configs.map((config, index) => ({
        name: `metrics${index}`,
        type: "metrics.collector",
        config,
      })),
    ],
  };
}

async function start(...configs: Readonly<Record<string, unknown>>[]) {
  const hosts: Host[] = [];
  const app = await startApplication({
    document: document(...configs),
    definitions: [server, router, collector, probe(hosts)],
  });
  return {
    app,
    meter: hosts[0]!.meter,
    async scrape(path = "/metrics") {
      const response = await app.request("GET", path);
      assert.equal(response.status, 200);
      return await response.text();
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const OPERATION = { module: "m", operation: "run", status: "success" };

Deno.test("metrics.collector answers in the format of Prometheus", async () => {
  await using test = await start({});
  const response = await test.app.request("GET", "/metrics");
  assert.equal(
    response.headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
  assert.equal(response.headers.get("cache-control"), "no-store");
  const text = await response.text();
  for (const [name, { kind, help }] of Object.entries(METRICS)) {
    assert.ok(text.includes(`# HELP ${name} ${help}\n`), name);
    assert.ok(text.includes(`# TYPE ${name} ${kind}\n`), name);
  }
});

Deno.test("metrics.collector adds up counters, gauges and histograms", async () => {
  await using test = await start({});
  test.meter.record("module_operations_total", OPERATION);
  test.meter.record("module_operations_total", OPERATION, 2);
  test.meter.record("active_workflows", { workflow_type: "order" }, 3);
  test.meter.record("active_workflows", { workflow_type: "order" }, -1);
  const labels = { workflow_type: "order", action: "run" };
  test.meter.record("workflow_duration_seconds", labels, 0.02);
  test.meter.record("workflow_duration_seconds", labels, 20);
  const text = await test.scrape();
  const operation = 'module="m",operation="run",status="success"';
  const order = 'workflow_type="order",action="run"';
  for (
    const line of [
      `module_operations_total{${operation}} 3`,
      `active_workflows{workflow_type="order"} 2`,
      `workflow_duration_seconds_bucket{le="0.01",${order}} 0`,
      `workflow_duration_seconds_bucket{le="0.025",${order}} 1`,
      `workflow_duration_seconds_bucket{le="10",${order}} 1`,
      `workflow_duration_seconds_bucket{le="+Inf",${order}} 2`,
      `workflow_duration_seconds_sum{${order}} 20.02`,
      `workflow_duration_seconds_count{${order}} 2`,
    ]
  ) {
    assert.ok(text.includes(`\n${line}\n`), `${line} in:\n${text}`);
  }
});

Deno.test("metrics.collector tells what the process uses", async () => {
  await using test = await start({});
  const text = await test.scrape();
  for (
    const name of [
      "process_resident_memory_bytes",
      "nodejs_heap_size_used_bytes",
      "nodejs_heap_size_total_bytes",
      "process_cpu_seconds_total",
      "process_start_time_seconds",
    ]
  ) {
    const [, value] = new RegExp(`^${name} (\\S+)$`, "m").exec(text) ?? [];
    assert.ok(Number(value) > 0, `${name} is ${value}`);
  }
});

Deno.test("metrics.collector leaves no timer behind", async () => {
  // The sanitizer of the test runner sees real timers; this sees simulated ones.
  const test = await start({});
  await test.scrape();
  await test.app.stop();
  assert.equal(test.app.effects.timers, 0);
  assert.equal(test.meter.active, false);
});

Deno.test("metrics.collector puts its namespace before its own metrics", async () => {
  await using test = await start({ namespace: "shop" });
  test.meter.record("module_operations_total", OPERATION);
  const text = await test.scrape();
  assert.match(text, /^shop_module_operations_total\{.*\} 1$/m);
  assert.doesNotMatch(text, /^module_operations_total/m);
  assert.match(text, /^process_cpu_seconds_total /m);
});

Deno.test("metrics.collector refuses a namespace that no metric may begin with", async () => {
  for (const namespace of ["1shop", "my-shop", "my shop", ""]) {
    await assert.rejects(start({ namespace }), ConfigError, namespace);
  }
});

Deno.test("metrics.collector answers where its path says", async () => {
  await using test = await start({ path: "/internal/metrics" });
  assert.match(await test.scrape("/internal/metrics"), /^# HELP/);
  assert.equal((await test.app.request("GET", "/metrics")).status, 404);
  await assert.rejects(start({ path: "metrics" }), ConfigError);
});

Deno.test("metrics.collector gives way to a route of the document", async () => {
  await using test = await start({});
  const unmount = test.app.service(HttpRouter).mount([{
    method: "GET",
    pattern: "/metrics",
    handler: test.app.service(HttpHandler, "probe"),
    middlewares: [],
  }]);
  const response = await test.app.request("GET", "/metrics");
  assert.equal(await response.text(), "probe");
  unmount();
});

Deno.test("metrics.collector only counts where there is no router", async () => {
  const hosts: Host[] = [];
  await using app = await startApplication({
    document: {
      modules: [
        { name: "probe", type: "test.probe" },
        { name: "metrics", type: "metrics.collector" },
      ],
    },
    definitions: [collector, probe(hosts)],
  });
  hosts[0]!.meter.record("module_operations_total", OPERATION);
  const response = await app.service(HttpHandler, "metrics")
    .handle(undefined as never);
  assert.match(await response.text(), /^module_operations_total\{.*\} 1$/m);
});

Deno.test("metrics.collector counts for itself beside another one", async () => {
  await using test = await start({}, { path: "/other", namespace: "other" });
  test.meter.record("module_operations_total", OPERATION);
  assert.match(await test.scrape(), /^module_operations_total\{.*\} 1$/m);
  assert.match(await test.scrape("/other"), /^other_module_operations_total/m);
});

Deno.test("metrics.collector bounds the series of a metric and says so", async () => {
  await using test = await start({});
  for (let i = 0; i < SERIES_MAX + 7; i++) {
    const labels = { ...OPERATION, module: `m${i}` };
    test.meter.record("module_operations_total", labels);
  }
  const lines = (await test.scrape()).split("\n")
    .filter((line) => line.startsWith("module_operations_total{"));
  assert.equal(lines.length, SERIES_MAX + 1);
  const other = ["module", "operation", "status"]
    .map((label) => `${label}="${OTHER_SERIES}"`).join(",");
  assert.ok(lines.includes(`module_operations_total{${other}} 7`));
  const notices = test.app.events.filter(({ kind }) => kind === "notice");
  assert.deepEqual(notices.map(({ message }) => message), [
    `"module_operations_total" has ${SERIES_MAX} series: ` +
    "further combinations of labels are counted as one",
  ]);
});

Deno.test("metrics.collector never fails who measures", async () => {
  await using test = await start({});
  const labels = { workflow_type: "order", action: "run" };
  for (const value of [NaN, Infinity, -1, -2]) {
    test.meter.record("workflow_duration_seconds", labels, value);
    test.meter.record("module_operations_total", OPERATION, value);
  }
  test.meter.record("active_workflows", { workflow_type: "order" }, NaN);
  const text = await test.scrape();
  assert.doesNotMatch(text, /^(workflow_duration|module_op|active_w).*\{/m);
  const errors = test.app.logs.filter(({ level }) => level === "error");
  assert.deepEqual(errors.map(({ message }) => message), [
    'Cannot add NaN to "workflow_duration_seconds": ' +
    "a histogram takes finite numbers from 0",
    'Cannot add NaN to "module_operations_total": ' +
    "a counter takes finite numbers from 0",
    'Cannot add NaN to "active_workflows": a gauge takes finite numbers',
  ]);
});

Deno.test("metrics.collector goes on counting through a reload", async () => {
  await using test = await start({});
  test.meter.record("module_operations_total", OPERATION);
  await test.app.reload({
    modules: [
      ...document({}).modules,
      { name: "another", type: "test.probe" },
    ],
  });
  test.meter.record("module_operations_total", OPERATION);
  assert.match(await test.scrape(), /^module_operations_total\{.*\} 2$/m);
});

Deno.test("metrics.collector shows the metrics that a module type defines", async () => {
  const lamp = defineModule({
    type: "test.lamp",
    summary: "Shines",
    stability: "stable",
    config: z.strictObject({}),
    provides: [],
    examples: [],
    metrics: {
      lamp_lit_total: { kind: "counter", help: "Times lit", labels: ["lamp"] },
    },
    create: (_, { meter, name }) => ({
      open: () => meter.recordOwn("lamp_lit_total", { lamp: name }),
    }),
  });
  await using app = await startApplication({
    document: {
      modules: [
        { name: "web", type: "http.server", config: { address: ":0" } },
        { name: "router", type: "http.router" },
        { name: "metrics", type: "metrics.collector" },
        { name: "hall", type: "test.lamp" },
      ],
    },
    definitions: [server, router, collector, lamp],
  });
  const text = await (await app.request("GET", "/metrics")).text();
  assert.match(text, /# HELP lamp_lit_total Times lit/);
  assert.match(text, /lamp_lit_total\{lamp="hall"\} 1/);
});
