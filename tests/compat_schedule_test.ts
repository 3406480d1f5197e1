/**
 * Documents with schedules that were written for the original engine: their jobs
 * run when their author meant them to, on the wall clock.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { definitions } from "../catalog.gen.ts";
import { Broker, type Message } from "../engine/services/broker.ts";
import { StateMachines } from "../engine/services/state_machines.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { startApplication } from "../engine/testing.ts";

const FOLDER = fileURLToPath(new URL("./compat/", import.meta.url));
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Starts a document half an hour before midnight. */
function start(file: string, edit: (text: string) => string = (text) => text) {
  return startApplication({
    document: edit(Deno.readTextFileSync(FOLDER + file)),
    definitions,
    effects: simulatedEffects({ startMs: Date.UTC(2026, 0, 1, 23, 30) }),
  });
}

type App = Awaited<ReturnType<typeof start>>;

/** How often each module has logged a message. */
function messages(app: App): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { message, fields } of app.logs) {
    if (!message.startsWith("Message on ")) continue;
    const module = String(fields.module);
    counts[module] = (counts[module] ?? 0) + 1;
  }
  return counts;
}

Deno.test("advanced-scheduler-workflow.yaml runs its jobs each minute, hour and day", async () => {
  await using app = await start("advanced-scheduler-workflow.yaml");
  await app.effects.advance(29 * MINUTE_MS);
  assert.deepEqual(messages(app), { "system-stats-job": 29 });
  await app.effects.advance(MINUTE_MS);
  assert.deepEqual(messages(app), {
    "system-stats-job": 30,
    "health-check-job": 1,
    "data-cleanup-job": 1,
    "report-generator-job": 1,
  });
  assert.deepEqual(
    await app.dispatch("scheduler", "minutely-scheduler:system-stats-job"),
    {
      success: true,
      job: "system-stats-job",
      handlerType: "messageHandler",
      payloadSize: 2,
    },
  );
  assert.equal(messages(app)["system-stats-job"], 31);
});

Deno.test("scheduled-jobs-config.yaml publishes what its jobs have done", async () => {
  await using app = await start("scheduled-jobs-config.yaml");
  const heard: Message[] = [];
  app.service(Broker).subscribe(
    "job-events",
    (message) => void heard.push(message),
  );
  await app.effects.advance(MINUTE_MS);
  assert.deepEqual(messages(app), {
    "health-check-job": 1,
    "metrics-collection-job": 1,
  });
  await app.effects.advance(29 * MINUTE_MS);
  assert.deepEqual(messages(app), {
    "health-check-job": 30,
    "metrics-collection-job": 30,
    "data-cleanup-job": 1,
    "report-generation-job": 1,
  });
  assert.equal(heard.length, 62);
  assert.ok(heard.every(({ payload }) => JSON.stringify(payload) === "{}"));
  for (
    const [method, path] of [
      ["GET", "/api/jobs/status"],
      ["POST", "/api/jobs/trigger"],
    ] as const
  ) {
    const response = await app.request(method, path);
    assert.equal(response.status, 200);
    assert.equal((await response.json()).handler, "job-status-api");
  }
});

Deno.test("scheduled-jobs-config.yaml keeps how its jobs went, and a route can show it", async () => {
  await using app = await start(
    "scheduled-jobs-config.yaml",
    (text) =>
      text.replace(
        "path: /api/jobs/status\n        handler: job-status-api",
        "path: /api/jobs/status\n        handler: job-status-store",
      ),
  );
  await app.effects.advance(2 * MINUTE_MS);
  const shown = await (await app.request("GET", "/api/jobs/status")).json();
  const runs = shown.filter(({ status }: { status?: string }) => status);
  assert.deepEqual(
    runs.map(({ job, status }: Record<string, string>) => `${job} ${status}`)
      .sort(),
    [
      "health-check-job success",
      "health-check-job success",
      "metrics-collection-job success",
      "metrics-collection-job success",
    ],
  );
  const told = shown.filter(({ topic }: { topic?: string }) =>
    topic === "job-events"
  );
  assert.equal(told.length, 4);
});

Deno.test("scheduled-jobs-modular-config.yaml emits an event for each run", async () => {
  await using app = await start(
    "scheduled-jobs-modular-config.yaml",
    // What it holds beside the scheduler is not the matter of this test.
    (text) =>
      text.replace("eventbus.modular", "messaging.broker")
        .replace(/ {2}# HTTP server for[\s\S]*?\n(?=# Configuration)/, "\n")
        .replace(/^eventbus:[\s\S]*$/m, ""),
  );
  const heard: Message[] = [];
  app.service(Broker).subscribe("job.*", (message) => void heard.push(message));
  await app.effects.advance(30 * MINUTE_MS);
  const counts: Record<string, number> = {};
  for (const { topic } of heard) counts[topic] = (counts[topic] ?? 0) + 1;
  assert.deepEqual(counts, {
    "job.metrics-collection": 30,
    "job.health-check": 6,
    "job.report-generation": 1,
    "job.data-cleanup": 1,
  });
  const cleanup = heard.find(({ topic }) => topic === "job.data-cleanup");
  assert.deepEqual(cleanup?.payload, {
    job: "data-cleanup",
    command: "cleanup",
    trigger_time: "2026-01-02T00:00:00.000Z",
  });
});

Deno.test("trigger-workflow-example.yaml logs what its schedules cannot do, and goes on", async () => {
  await using app = await start("trigger-workflow-example.yaml");
  const health = await app.request("GET", "/health");
  assert.equal((await health.json()).handler, "health-api");
  await app.effects.advance(30 * MINUTE_MS + 24 * HOUR_MS);
  const { firings } = await app.application.schedules.get(
    "trigger:inventory-workflow.daily_inventory_check",
  );
  assert.deepEqual(firings.map(({ status, error }) => [status, error]), [
    ["refused", 'No workflow is called "inventory-workflow"'],
    ["refused", 'No workflow is called "inventory-workflow"'],
  ]);
  const errors = app.logs.filter(({ level, message }) =>
    level === "error" && message.includes("inventory-workflow")
  );
  assert.equal(errors.length, 2);
  const hourly = await app.application.schedules.get(
    "trigger:order-workflow.process_pending_orders",
  );
  assert.equal(hourly.firings.length, 20);
  assert.deepEqual(hourly.params, { batchSize: 100 });
  // The engine is alive: a message still moves an order.
  await app.service(Broker).publish("order-events", {
    type: "order.created",
    id: "o2",
  });
  await app.effects.advance(1_000);
  const order = await app.service(StateMachines).get("o2");
  assert.equal(order?.state, "processing");
});

Deno.test("trigger-workflow-example.yaml moves orders by request and by message", async () => {
  await using app = await start("trigger-workflow-example.yaml");
  const orders = app.service(StateMachines);
  const post = async (path: string) => {
    const response = await app.request("POST", `/api/workflows/orders/${path}`);
    return { status: response.status, text: await response.text() };
  };
  const submitted = await post("submit?id=o1");
  assert.equal(submitted.status, 202);
  assert.match(submitted.text, /"status":\s*"workflow triggered"/);
  assert.equal((await orders.get("o1"))?.state, "processing");
  assert.equal((await post("o1/complete")).status, 202);
  assert.equal((await orders.get("o1"))?.state, "completed");
  assert.ok((await post("o1/cancel")).status >= 400);
  assert.equal((await app.request("GET", "/api/orders")).status, 401);
  const broker = app.service(Broker);
  await broker.publish("order-events", { type: "order.lost", id: "o3" });
  await app.effects.advance(1_000);
  assert.equal(await orders.get("o3"), undefined);
  assert.equal(messages(app)["order-processor"], 1);
});
