/**
 * Documents of the original engine that reach out: connectors, webhooks, and the
 * steps of an integration, against services that answer over a simulated network.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { definitions } from "../catalog.gen.ts";
import { systemEffects } from "../engine/effects.ts";
import { Actions } from "../engine/services/actions.ts";
import { Broker } from "../engine/services/broker.ts";
import { StateMachines } from "../engine/services/state_machines.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { startApplication } from "../engine/testing.ts";

const FOLDER = fileURLToPath(new URL("./compat/", import.meta.url));

const ENV = {
  INTEGRATION_CRM_TOKEN: "crm-token",
  INTEGRATION_PAYMENT_USER: "shop",
  INTEGRATION_PAYMENT_PASSWORD: "secret",
  INTEGRATION_EMAIL_TOKEN: "email-token",
  INTEGRATION_INVENTORY_TOKEN: "inventory-token",
  WAREHOUSE_API_TOKEN: "warehouse-token",
  NOTIFICATION_API_TOKEN: "notification-token",
};

/** One request that reached a service outside. */
interface Asked {
  readonly atMs: number;
  readonly text: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Answers by host; 200 with an empty object where nothing else is said. */
type Services = Readonly<
  Record<string, (request: Request) => Response | undefined>
>;

async function start(
  file: string,
  services: Services = {},
  options: { readonly store?: ReturnType<typeof memoryStore> } = {},
) {
  const asked: Asked[] = [];
  const effects = simulatedEffects({
    async fetch(input, init) {
      const request = new Request(input, init);
      const url = new URL(request.url);
      const text = await request.clone().text();
      asked.push({
        atMs: effects.clock.elapsed(),
        text: `${request.method} ${request.url}`,
        headers: request.headers,
        body: text === "" ? undefined : JSON.parse(text),
      });
      return services[url.hostname]?.(request) ?? Response.json({});
    },
  });
  const app = await startApplication({
    document: Deno.readTextFileSync(FOLDER + file),
    definitions,
    effects,
    env: ENV,
    ...options,
  });
  return { app, asked, effects, [Symbol.asyncDispose]: () => app.stop() };
}

const CONTEXT = {
  signal: new AbortController().signal,
  idempotencyKey: "k",
};

Deno.test("integration-workflow.yaml serves its API and receives webhooks on port 8081", async () => {
  await using world = await start("integration-workflow.yaml");
  const list = await world.app.request("GET", "/api/integrations");
  assert.equal(list.status, 200);
  assert.deepEqual(await list.json(), []);
  const receive = (method: string, body?: string, path = "external-events") =>
    world.effects.network.fetch(`http://localhost:8081/webhooks/${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
    });
  assert.equal((await receive("GET")).status, 405);
  assert.equal((await receive("POST", "{")).status, 400);
  assert.equal((await receive("POST", "{}")).status, 501);
  assert.equal((await receive("POST", "{}", "elsewhere")).status, 404);
});

Deno.test("integration-workflow.yaml calls each service with its own credentials", async () => {
  await using world = await start("integration-workflow.yaml");
  const call = (connector: string, action: string, params = {}) =>
    world.app.service(Actions).act(
      "call",
      { connector, action, params },
      CONTEXT,
    );
  const result = await call("crm-connector", "GET /customers/{customerId}", {
    customerId: "c 1",
    fields: "name",
  });
  assert.deepEqual(result, { statusCode: 200 });
  await call("payment-connector", "POST /transactions", { amount: 5 });
  await call("email-connector", "POST /send", { to: "a@example.com" });
  await call("inventory-connector", "GET /products/{id}/inventory", { id: 7 });
  assert.deepEqual(
    world.asked.map(({ text, headers, body }) => [
      text,
      headers.get("authorization"),
      body,
    ]),
    [
      [
        "GET https://api.crm-provider.com/v1/customers/c%201?fields=name",
        "Bearer crm-token",
        undefined,
      ],
      [
        "POST https://api.payment-provider.com/v2/transactions",
        `Basic ${btoa("shop:secret")}`,
        { amount: 5 },
      ],
      [
        "POST https://api.email-service.com/v3/send",
        "Bearer email-token",
        { to: "a@example.com" },
      ],
      [
        "GET https://api.inventory-system.com/products/7/inventory",
        "Bearer inventory-token",
        undefined,
      ],
    ],
  );
});

const ORDER = {
  orderId: "o1",
  customerId: "c1",
  customerEmail: "ada@example.com",
  productId: "p1",
  quantity: 2,
  amount: 42,
  currency: "EUR",
};

type World = Awaited<ReturnType<typeof start>>;

/** Runs the steps of the document to their end, which a minute suffices for. */
async function run({ app, effects }: World) {
  const { application } = app;
  const running = application.dispatch("integration", "run", ORDER, {
    waitMs: 300_000,
  });
  // Steps follow each other without waiting; attempts do not.
  for (let second = 0; second < 60; second++) await effects.advance(1_000);
  return await running as {
    status: string;
    output?: Record<string, unknown>;
    error?: { message: string; step?: string };
  };
}

/** What was asked of one service, without its address. */
function askedOf({ asked }: World, host: string) {
  return asked.filter(({ text }) => text.includes(host));
}

Deno.test("integration-workflow.yaml takes an order through every service", async () => {
  await using world = await start("integration-workflow.yaml", {
    "api.payment-provider.com": () => Response.json({ id: "t1", amount: 45.5 }),
  });
  const { status, output } = await run(world);
  assert.equal(status, "completed");
  assert.deepEqual(output?.["process-payment"], {
    id: "t1",
    amount: 45.5,
    statusCode: 200,
  });
  assert.equal(output?.["check-customer_error"], null);
  assert.deepEqual(
    world.asked.map(({ text, body }) => [text.replace(/https:\/\//, ""), body]),
    [
      ["GET api.crm-provider.com/v1/customers/c1", undefined],
      ["GET api.inventory-system.com/products/p1/inventory", undefined],
      ["POST api.payment-provider.com/v2/transactions", {
        amount: 42,
        currency: "EUR",
        customerId: "c1",
        paymentMethodId: null,
        description: "Order o1",
      }],
      ["POST api.inventory-system.com/products/p1/reserve", {
        quantity: 2,
        orderId: "o1",
      }],
      ["POST api.email-service.com/v3/send", {
        to: "ada@example.com",
        template: "order-confirmation",
        variables: { orderId: "o1", total: 45.5, estimatedDelivery: null },
      }],
    ],
  );
});

Deno.test("integration-workflow.yaml asks for a customer three times, 2 s apart, and goes on without", async () => {
  await using world = await start("integration-workflow.yaml", {
    "api.crm-provider.com": () => new Response("down", { status: 502 }),
  });
  const told: unknown[] = [];
  world.app.service(Broker).subscribe(
    "order-error-handler",
    ({ payload }) => void told.push(payload),
  );
  const { status, output } = await run(world);
  const times = askedOf(world, "crm-provider").map(({ atMs }) => atMs);
  assert.deepEqual(times, [0, 2_000, 4_000]);
  assert.equal(status, "completed");
  assert.equal(output?.["check-customer"], null);
  const error =
    "GET https://api.crm-provider.com/v1/customers/c1 answered 502: down";
  assert.equal(output?.["check-customer_error"], error);
  assert.deepEqual(told, [{
    workflow: "integration",
    step: "check-customer",
    data: ORDER,
    error,
  }]);
  assert.equal(askedOf(world, "email-service").length, 1);
});

Deno.test("integration-workflow.yaml does not try again what is refused for good", async () => {
  await using world = await start("integration-workflow.yaml", {
    "api.crm-provider.com": () => new Response(null, { status: 404 }),
  });
  const { status } = await run(world);
  assert.equal(status, "completed");
  assert.equal(askedOf(world, "crm-provider").length, 1);
});

Deno.test("integration-workflow.yaml ends when the stock cannot be reserved", async () => {
  await using world = await start("integration-workflow.yaml", {
    "api.inventory-system.com": ({ method }) =>
      method === "POST" ? new Response(null, { status: 500 }) : undefined,
  });
  const { status, error } = await run(world);
  assert.equal(status, "failed");
  assert.match(error?.message ?? "", /products\/p1\/reserve answered 500/);
  const attempts = askedOf(world, "inventory-system")
    .filter(({ text }) => text.startsWith("POST"));
  assert.equal(attempts.length, 3, "one attempt and two retries");
  const keys = attempts.map(({ headers }) => headers.get("idempotency-key"));
  assert.equal(new Set(keys).size, 1);
  assert.equal(askedOf(world, "email-service").length, 0);
});

Deno.test("integration-workflow.yaml goes on after a crash where it was", async () => {
  const store = memoryStore({ now: () => 0 });
  const first = await start("integration-workflow.yaml", {
    "api.payment-provider.com": () => new Response(null, { status: 503 }),
  }, { store });
  await first.app.dispatch("integration", "run", ORDER);
  await first.effects.advance(1_000);
  assert.equal(askedOf(first, "payment-provider").length, 1);
  // It is not stopped: the process is gone between two attempts.
  await using next = await start("integration-workflow.yaml", {}, { store });
  for (let second = 0; second < 60; second++) {
    await next.effects.advance(1_000);
  }
  assert.deepEqual(
    next.asked.map(({ text }) => text.split("/").at(-1)),
    ["transactions", "reserve", "send"],
  );
  const key = ({ headers }: Asked) => headers.get("idempotency-key");
  assert.equal(
    askedOf(next, "payment-provider").map(key)[0],
    askedOf(first, "payment-provider").map(key)[0],
  );
});

Deno.test("workflow-b-fulfillment.yaml tells the warehouse of a shipment, until it listens", async () => {
  const statuses = [503, 200];
  await using world = await start(
    "multi-workflow-ecommerce/workflow-b-fulfillment.yaml",
    {
      "warehouse.example.com": () =>
        new Response(null, { status: statuses.shift() ?? 200 }),
    },
  );
  await world.app.service(Broker).publish("order.validated", { id: "o1" });
  await world.effects.advance(100);
  const machines = world.app.service(StateMachines);
  assert.equal((await machines.get("o1"))?.state, "picking");
  await machines.fire("o1", "finish_picking");
  const shipped = await machines.fire("o1", "ship_package");
  assert.equal(shipped.state, "shipped");
  await world.effects.advance(10_000);
  assert.equal(world.asked.length, 2);
  for (const { text, headers, body } of world.asked) {
    assert.equal(text, "POST https://warehouse.example.com/api/shipments");
    assert.equal(headers.get("authorization"), "Bearer warehouse-token");
    assert.equal(headers.get("content-type"), "application/json");
    const { instanceId, transition } = body as Record<string, unknown>;
    assert.deepEqual([instanceId, transition], ["o1", "ship_package"]);
  }
  const [first, second] = world.asked;
  assert.equal(
    first?.headers.get("webhook-id"),
    second?.headers.get("webhook-id"),
  );
});

Deno.test("workflow-b-fulfillment.yaml keeps a webhook that the warehouse never takes", async () => {
  await using world = await start(
    "multi-workflow-ecommerce/workflow-b-fulfillment.yaml",
    { "warehouse.example.com": () => new Response(null, { status: 500 }) },
  );
  const machines = world.app.service(StateMachines);
  await world.app.service(Broker).publish("order.validated", { id: "o1" });
  await world.effects.advance(100);
  await machines.fire("o1", "finish_picking");
  await machines.fire("o1", "ship_package");
  await world.effects.advance(60_000);
  assert.equal(world.asked.length, 4, "one attempt and three retries");
  assert.equal((await machines.get("o1"))?.state, "shipped");
  const { letters } = await world.app.service(Actions, "fulfillment-webhook")
    .act("dead_letters", {}, CONTEXT) as { letters: { attempts: number }[] };
  assert.deepEqual(letters.map(({ attempts }) => attempts), [4]);
});

Deno.test("workflow-c-notifications.yaml can send to customers and to operations", async () => {
  await using world = await start(
    "multi-workflow-ecommerce/workflow-c-notifications.yaml",
  );
  for (const name of ["customer-webhook", "ops-webhook"]) {
    await world.app.service(Actions, name)
      .act("send", { payload: { name } }, { ...CONTEXT, idempotencyKey: name });
  }
  await world.effects.advance(1_000);
  assert.deepEqual(
    world.asked.map(({ text, headers, body }) => [
      text,
      headers.get("authorization"),
      body,
    ]),
    [
      [
        "POST https://notifications.example.com/api/send",
        "Bearer notification-token",
        { name: "customer-webhook" },
      ],
      [
        "POST https://hooks.slack.com/services/YOUR/OPS/WEBHOOK",
        null,
        { name: "ops-webhook" },
      ],
    ],
  );
});

Deno.test("an integration calls a service over a real socket", async () => {
  const effects = systemEffects();
  const asked: string[] = [];
  const service = effects.network.listen(
    { hostname: "127.0.0.1", port: 0 },
    async (request) => {
      asked.push(`${request.method} ${new URL(request.url).pathname}`);
      const body = await request.text();
      return Response.json({ id: 7, body });
    },
  );
  const connector = (name: string, allowPrivateIPs: boolean) => ({
    name,
    type: "http",
    config: { baseURL: `http://localhost:${service.port}`, allowPrivateIPs },
  });
  const app = await startApplication({
    document: {
      modules: [
        { name: "events", type: "messaging.broker" },
        { name: "services", type: "integration.registry" },
      ],
      workflows: {
        integration: {
          registry: "services",
          connectors: [connector("open", true), connector("guarded", false)],
          steps: [
            {
              name: "make",
              connector: "open",
              action: "POST /things",
              input: { name: "${data.name}" },
            },
            {
              name: "forbidden",
              connector: "guarded",
              action: "GET /things/{id}",
              input: { id: "${make.id}" },
              onError: "things.forbidden",
            },
          ],
        },
      },
    },
    definitions,
    effects,
  });
  const { status, output } = await app.application.dispatch(
    "integration",
    "run",
    { name: "lamp" },
    { waitMs: 30_000 },
  ) as { status: string; output: Record<string, unknown> };
  await app.stop();
  await service.shutdown();
  assert.equal(status, "completed");
  assert.deepEqual(output.make, {
    id: 7,
    body: '{"name":"lamp"}',
    statusCode: 200,
  });
  assert.match(String(output.forbidden_error), /is not public \(loopback\)/);
  assert.deepEqual(asked, ["POST /things"]);
});
