import assert from "node:assert/strict";
import { join } from "node:path";
import { definitions } from "../../catalog.gen.ts";
import { systemEffects } from "../../engine/effects.ts";
import { startApplication } from "../../engine/testing.ts";
import { PROGRAMS, serverTest } from "./server.ts";

const PROMTOOL = join(PROGRAMS, "prometheus/promtool");

const promtool = await Deno.stat(PROMTOOL).then(
  () => ({ program: PROMTOOL }),
  () => "no promtool: tests/services/install_otelcol.sh unpacks it",
);

const DOCUMENT = {
  modules: [
    { name: "web", type: "http.server", config: { address: "127.0.0.1:0" } },
    { name: "router", type: "http.router" },
    { name: "hello", type: "http.handler" },
    { name: "orders", type: "statemachine.engine" },
    {
      name: "metrics",
      type: "metrics.collector",
      config: { namespace: "shop" },
    },
    {
      name: "traces",
      type: "observability.otel",
      config: { endpoint: "localhost:1" },
    },
  ],
  workflows: {
    http: {
      routes: [{ method: "GET", path: "/orders/{id}", handler: "hello" }],
    },
    statemachine: {
      engine: "orders",
      definitions: [{
        name: "order",
        initialState: "new",
        states: { new: {}, taken: {} },
        transitions: { take: { fromState: "new", toState: "taken" } },
      }],
    },
  },
};

serverTest(
  "Prometheus' own check finds nothing wrong with what metrics.collector shows",
  promtool,
  async ({ program }) => {
    await using app = await startApplication({
      document: DOCUMENT,
      definitions,
      effects: systemEffects(),
    });
    for (let n = 0; n < 50; n++) {
      await (await app.request("GET", `/orders/${n}`)).text();
    }
    for (let n = 0; n < 3; n++) {
      await app.dispatch("order", "take", { id: `o${n}` });
    }
    const text = await (await app.request("GET", "/metrics")).text();
    const checking = new Deno.Command(program, {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = checking.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    const { code, stdout, stderr } = await checking.output();
    const said = new TextDecoder().decode(stdout) +
      new TextDecoder().decode(stderr);
    assert.equal(code, 0, said);
    const requests = text.split("\n")
      .filter((line) => line.startsWith("shop_http_requests_total{"));
    assert.deepEqual(requests, [
      'shop_http_requests_total{method="GET",path="/orders/{id}",status_code="200"} 50',
    ]);
    for (
      const line of [
        'shop_workflow_executions_total{workflow_type="order",action="take",status="success"} 3',
        'shop_workflow_duration_seconds_count{workflow_type="order",action="take"} 3',
        'shop_http_request_duration_seconds_count{method="GET",path="/orders/{id}"} 50',
        'shop_active_workflows{workflow_type="order"} 3',
      ]
    ) assert.ok(text.includes(`\n${line}\n`), `${line} in:\n${text}`);
  },
);
