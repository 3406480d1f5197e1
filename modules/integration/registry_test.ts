import assert from "node:assert/strict";
import { defineWorkflowType, ref } from "@engine/define.ts";
import { RefusedError, RetryableError, TerminalError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker, type Message } from "@engine/services/broker.ts";
import {
  type ConnectorDefinition,
  Connectors,
  type HttpConnectorConfig,
  type WebhookConnectorConfig,
} from "@engine/services/connectors.ts";
import { z } from "zod";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { startApplication } from "../../engine/testing.ts";
import broker from "../messaging/broker.ts";
import { signatureHeaders } from "../_webhook_signature.ts";
import registry from "./registry.ts";

type Json = Message["payload"];

const CONTEXT = {
  signal: new AbortController().signal,
  idempotencyKey: "run/step",
};

/** A section that defines connectors and keeps what is dispatched to it. */
function section(seen: unknown[] = []) {
  return defineWorkflowType({
    type: "outside",
    summary: "Defines connectors",
    config: z.strictObject({
      registry: ref(Connectors).describe("Where"),
      connectors: z.array(z.unknown()).describe("What"),
    }),
    wire({ registry, connectors }, host) {
      const undo = host.use(registry)
        .define(connectors as ConnectorDefinition[]);
      return {
        unwire: undo,
        execute(action, data, _workflow, options) {
          seen.push({ action, data, options });
          if (data.fail === true) return Promise.reject(new Error("no"));
          return Promise.resolve({});
        },
      };
    },
  });
}

const HTTP: HttpConnectorConfig = {
  baseURL: "https://api.example.com/v1/",
  authType: "none",
  headers: {},
  timeoutSeconds: 30,
  allowPrivateIPs: false,
};

async function start(
  connectors: readonly ConnectorDefinition[],
  answer: (request: Request) => Response | Promise<Response> = () =>
    Response.json({}),
) {
  const asked: Request[] = [];
  const dispatched: unknown[] = [];
  const effects = simulatedEffects({
    fetch: (input, init) => {
      const request = new Request(input, init);
      asked.push(request);
      return Promise.resolve(answer(request));
    },
  });
  const document = (connectors: readonly unknown[]) => ({
    modules: [
      { name: "events", type: "messaging.broker" },
      { name: "services", type: "integration.registry" },
    ],
    workflows: { outside: { registry: "services", connectors } },
  });
  const app = await startApplication({
    document: document(connectors),
    definitions: [registry, broker, section(dispatched)],
    effects,
  });
  return {
    app,
    asked,
    dispatched,
    effects,
    change: (next: readonly ConnectorDefinition[]) =>
      app.reload(document(next)),
    call: (connector: string, action: string, params: Json = {}) =>
      app.service(Actions, "services").act("call", {
        connector,
        action,
        params,
      }, CONTEXT),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const http = (config: Partial<HttpConnectorConfig> = {}) =>
  [{ name: "api", type: "http", config: { ...HTTP, ...config } }] as const;

Deno.test("an HTTP connector puts parameters into the path and the rest into the query or the body", async () => {
  await using world = await start(http({ headers: { "X-From": "test" } }));
  await world.call("api", "GET /customers/{id}/orders?sort=asc", {
    id: "a/b c",
    page: 2,
  });
  await world.call("api", "post /customers/{id}", { id: 7, name: "Ada" });
  const [got, posted] = world.asked;
  assert.equal(
    got?.url,
    "https://api.example.com/v1/customers/a%2Fb%20c/orders?sort=asc&page=2",
  );
  assert.equal(got?.headers.get("x-from"), "test");
  assert.equal(got?.headers.get("idempotency-key"), null);
  assert.equal(posted?.method, "POST");
  assert.equal(posted?.url, "https://api.example.com/v1/customers/7");
  assert.deepEqual(await posted?.json(), { name: "Ada" });
  assert.equal(posted?.headers.get("idempotency-key"), "run/step");
});

for (const id of ["..", ".", "", null, {}] as Json[]) {
  Deno.test(`an HTTP connector refuses ${JSON.stringify(id)} in a path`, async () => {
    await using world = await start(http());
    await assert.rejects(
      world.call("api", "GET /customers/{id}/x", { id }),
      TerminalError,
    );
    assert.equal(world.asked.length, 0);
  });
}

for (
  const [body, result] of [
    ['{"id":1,"statusCode":5}', { id: 1, statusCode: 201 }],
    ["", { statusCode: 201 }],
    ["[1]", { raw: [1], statusCode: 201 }],
    ["<p>", { raw: "<p>", statusCode: 201 }],
  ] as const
) {
  Deno.test(`an HTTP connector yields ${JSON.stringify(result)} of "${body}"`, async () => {
    await using world = await start(
      http(),
      () => new Response(body, { status: 201 }),
    );
    assert.deepEqual(await world.call("api", "GET /"), result);
  });
}

Deno.test("an HTTP connector fails from 400 on, and says whether another try may help", async () => {
  let response = new Response("<p>gone</p>", { status: 410 });
  await using world = await start(http(), () => response);
  await assert.rejects(world.call("api", "GET /x"), (error) => {
    assert.ok(error instanceof TerminalError);
    assert.match(error.message, /answered 410: <p>gone/);
    return true;
  });
  response = Response.json({}, {
    status: 429,
    headers: { "retry-after": "3" },
  });
  await assert.rejects(world.call("api", "GET /x"), (error) => {
    assert.ok(error instanceof RetryableError);
    assert.equal(error.retryAfterMs, 3_000);
    return true;
  });
});

Deno.test("an HTTP connector shows its credentials", async () => {
  await using basic = await start(http({
    authType: "basic",
    username: "ada",
    password: "pässword",
  }));
  await basic.call("api", "GET /");
  assert.equal(
    basic.asked[0]?.headers.get("authorization"),
    "Basic YWRhOnDDpHNzd29yZA==",
  );
  await using bearer = await start(http({ authType: "bearer", token: "t" }));
  await bearer.call("api", "GET /");
  assert.equal(bearer.asked[0]?.headers.get("authorization"), "Bearer t");
});

Deno.test("an HTTP connector reaches this machine only if it is allowed to", async () => {
  for (const allowPrivateIPs of [false, true]) {
    await using world = await start(
      http({ baseURL: "http://localhost:9000", allowPrivateIPs }),
    );
    world.effects.network.listen(
      { hostname: "127.0.0.1", port: 9_000 },
      () => Response.json({ here: true }),
    );
    const call = world.call("api", "GET /");
    if (allowPrivateIPs) {
      assert.deepEqual(await call, { here: true, statusCode: 200 });
    } else await assert.rejects(call, /not public \(loopback\)/);
  }
});

Deno.test("requestsPerMinute spreads calls, and turns away what would wait too long", async () => {
  await using world = await start(
    http({ requestsPerMinute: 60, timeoutSeconds: 2 }),
  );
  const calls = [1, 2, 3].map(() => world.call("api", "GET /"));
  await assert.rejects(world.call("api", "GET /"), (error) => {
    assert.ok(error instanceof RetryableError);
    assert.equal(error.retryAfterMs, 3_000);
    return true;
  });
  const counts: number[] = [];
  for (const ms of [0, 999, 1, 1_000]) {
    await world.effects.advance(ms);
    counts.push(world.asked.length);
  }
  assert.deepEqual(counts, [1, 1, 2, 3]);
  await Promise.all(calls);
});

Deno.test("an HTTP connector gives up after timeoutSeconds", async () => {
  await using world = await start(
    http({ timeoutSeconds: 1.5 }),
    () => new Promise(() => {}),
  );
  const rejected = assert.rejects(
    world.call("api", "GET /"),
    /the limit is 1500 ms/,
  );
  await world.effects.advance(1_500);
  await rejected;
});

Deno.test("a connector or an action that does not exist is refused", async () => {
  await using world = await start(http());
  await assert.rejects(world.call("apj", "GET /"), (error) => {
    assert.ok(error instanceof RefusedError);
    assert.match(error.message, /Cannot use the connector "apj".*"api"/);
    return true;
  });
  await assert.rejects(world.call("api", "FETCH /"), /a method and a path/);
});

const DATABASE = [{
  name: "db",
  type: "database",
  config: { driver: "sqlite", dsn: ":memory:" },
}] as const;

Deno.test("a database connector does its five actions with parameters", async () => {
  await using world = await start(DATABASE);
  const call = (action: string, params: Json) =>
    world.call("db", action, params);
  assert.deepEqual(
    await call("execute", { sql: "create table t (id, name)" }),
    { rowsAffected: 0 },
  );
  const affected = { rowsAffected: 1 };
  const odd = "'); drop table t; --";
  assert.deepEqual(
    await call("insert", { table: "t", data: { id: 1, name: odd } }),
    affected,
  );
  assert.deepEqual(
    await call("update", {
      table: "t",
      data: { id: 2 },
      where: "name = ?",
      args: [odd],
    }),
    affected,
  );
  assert.deepEqual(
    await call("query", { sql: "select * from t where id = ?", args: [2] }),
    { columns: ["id", "name"], rows: [{ id: 2, name: odd }], count: 1 },
  );
  assert.deepEqual(
    await call("delete", { table: "t", where: "id = ?", args: [2] }),
    affected,
  );
  for (
    const [action, params] of [
      ["drop", {}],
      ["query", {}],
      ["insert", { table: "t" }],
      ["update", { table: "t", data: { id: 1 } }],
      ["delete", { table: "t" }],
      ["insert", { table: "t", data: { 'id"': 1 } }],
      ["query", { sql: "select 1", arg: [1] }],
    ] as const
  ) await assert.rejects(call(action, params), TerminalError, action);
});

Deno.test("a reload keeps the connections of a connector that did not change", async () => {
  await using world = await start(DATABASE);
  await world.call("db", "execute", { sql: "create table t (id)" });
  await world.change([...DATABASE, ...http()]);
  assert.deepEqual(
    await world.call("db", "query", { sql: "select * from t" }),
    { columns: ["id"], rows: [], count: 0 },
  );
  await world.change(http());
  await assert.rejects(world.call("db", "query", {}), RefusedError);
});

const HOOK: WebhookConnectorConfig = {
  path: "/events",
  hostname: "127.0.0.1",
  port: 8_099,
  handlers: {
    "order.paid": { workflow: "outside", action: "paid" },
    default: { topic: "events.received" },
  },
};

const hook = (config: Partial<WebhookConnectorConfig> = {}) =>
  [{ name: "hook", type: "webhook", config: { ...HOOK, ...config } }] as const;

type World = Awaited<ReturnType<typeof start>>;

async function post(
  { effects }: World,
  body: string,
  headers: HeadersInit = {},
  url = "http://127.0.0.1:8099/events",
) {
  const init = { method: "POST", body, headers };
  const response = await effects.network.fetch(url, init);
  return { status: response.status, body: await response.json() };
}

Deno.test("a webhook hands events to workflows and topics by their type", async () => {
  await using world = await start(hook());
  const messages: Message[] = [];
  world.app.service(Broker).subscribe(
    "events.*",
    (message) => void messages.push(message),
  );
  const paid = { type: "order.paid", id: 1 };
  assert.deepEqual(
    await post(world, JSON.stringify(paid), { "webhook-id": "w1" }),
    { status: 200, body: { status: "ok" } },
  );
  assert.deepEqual(world.dispatched, [{
    action: "paid",
    data: paid,
    options: { idempotencyKey: "w1", source: "webhook hook" },
  }]);
  assert.equal((await post(world, "[1]")).status, 200);
  await world.effects.advance(1);
  assert.deepEqual(messages.map(({ topic, payload }) => [topic, payload]), [
    ["events.received", [1]],
  ]);
});

Deno.test("a webhook refuses what is no event for it", async () => {
  await using world = await start(hook({
    handlers: { known: { workflow: "outside", action: "x" } },
  }));
  const { fetch } = world.effects.network;
  const got = await fetch("http://127.0.0.1:8099/events");
  assert.equal(got.status, 405);
  assert.equal(got.headers.get("allow"), "POST");
  assert.equal((await post(world, "{")).status, 400);
  assert.equal((await post(world, "{}")).status, 501);
  assert.equal((await post(world, '{"type":"toString"}')).status, 501);
  assert.equal((await post(world, '{"type":"known","fail":true}')).status, 500);
  const elsewhere = "http://127.0.0.1:8099/other";
  assert.equal((await post(world, "{}", {}, elsewhere)).status, 404);
  const large = `"${"x".repeat(1_048_576)}"`;
  assert.equal((await post(world, large)).status, 413);
});

Deno.test("a webhook with a secret takes what is signed with it only", async () => {
  await using world = await start(hook({ secret: "s3cret" }));
  const body = '{"type":"order.paid"}';
  const timestamp = Math.floor(world.effects.clock.now() / 1_000);
  const signed = signatureHeaders({ id: "1", timestamp, body }, "s3cret");
  assert.equal((await post(world, body)).status, 401);
  assert.equal((await post(world, `${body} `, signed)).status, 401);
  assert.equal(world.dispatched.length, 0);
  assert.equal((await post(world, body, signed)).status, 200);
  assert.equal(world.dispatched.length, 1);
});

Deno.test("a webhook's socket follows the document", async () => {
  await using world = await start(
    hook(),
    () => Promise.reject(new TypeError("nobody listens")),
  );
  const isThere = () =>
    post(world, "{}", {}, "http://127.0.0.1:8099/moved")
      .then(({ status }) => status, () => "closed");
  assert.equal(await isThere(), 404);
  await world.change(hook({ path: "/moved" }));
  assert.equal(await isThere(), 200);
  assert.deepEqual(await world.call("hook", "status"), {
    name: "hook",
    path: "/moved",
    port: 8_099,
    isListening: true,
  });
  await world.change(http());
  assert.equal(await isThere(), "closed");
  await world.change(hook({ path: "/moved" }));
  assert.equal(await isThere(), 200);
  await world.app.stop();
  assert.equal(await isThere(), "closed");
});
