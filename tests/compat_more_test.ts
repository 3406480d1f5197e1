/**
 * Documents as the authors of the original engine write them, of every kind that
 * this build can run: each starts and does what its author would expect.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { catalog, definitions } from "../catalog.gen.ts";
import { load } from "../engine/load.ts";
import { Broker } from "../engine/services/broker.ts";
import { HttpServer } from "../engine/services/http_server.ts";
import { StateMachines } from "../engine/services/state_machines.ts";
import { StateTracker } from "../engine/services/state_tracker.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import type { Store } from "../engine/store/store.ts";
import { startApplication, type TestApplication } from "../engine/testing.ts";
import { advanceUntil } from "./_advance.ts";

const DOCUMENTS = fileURLToPath(new URL("./documents/", import.meta.url));
const JWT_SECRET = "a secret that only the tests of this file know";

type App = TestApplication<ReturnType<typeof simulatedEffects>>;

/** Starts a document of the folder with what stands beside it. */
function startFolder(name: string, store: Store = memoryStore()): Promise<App> {
  const folder = `${DOCUMENTS}${name}/`;
  return startApplication({
    document: Deno.readTextFileSync(`${folder}${name}.yaml`),
    definitions,
    folder,
    env: { JWT_SECRET },
    store,
  });
}

/** Asks, and reads the answer as JSON where it is JSON. */
async function ask(
  app: App,
  line: string,
  { token, body }: { readonly token?: string; readonly body?: unknown } = {},
  // deno-lint-ignore no-explicit-any -- tests look at whatever comes back
): Promise<{ status: number; body: any }> {
  const [method = "", path = ""] = line.split(" ");
  const headers = token === undefined
    ? {}
    : { authorization: `Bearer ${token}` };
  const response = await app.request(method, path, {
    headers,
    ...body === undefined ? {} : { body },
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

async function signIn(app: App, email: string): Promise<string> {
  const password = "a long demo password";
  const { status, body } = await ask(app, "POST /api/auth/login", {
    body: { email, password },
  });
  assert.equal(status, 200);
  return body.token;
}

async function statesOf(app: App): Promise<Record<string, string>> {
  const states: Record<string, string> = {};
  for await (const { id, state } of app.service(StateMachines).list()) {
    states[id] = state;
  }
  return states;
}

/** Simulated time between two looks, in milliseconds: far less than a call may take. */
const STEP_MS = 200;

/** What went wrong on the way, apart from what is said at the start. */
function complaints(app: App): string[] {
  return app.logs
    .filter(({ level, fields }) =>
      (level === "warn" || level === "error") && fields.code === undefined &&
      fields.isolation === undefined
    )
    .map(({ message }) => message);
}

Deno.test("a shop takes each order to the door once, whoever else asks for it", async () => {
  await using app = await startFolder("shop");
  const token = await signIn(app, "ines@example.org");
  const items = [{ productId: "p1", quantity: 1 }];
  const sent = { items, total: 20 };
  const { status, body: order } = await ask(app, "POST /api/orders", {
    token,
    body: sent,
  });
  assert.equal(status, 201);
  assert.deepEqual(order.data, sent);
  await advanceUntil(
    app.effects,
    STEP_MS,
    () => statesOf(app),
    { [`order-${order.id}`]: "delivered" },
  );
  const read = await ask(app, `GET /api/orders/${order.id}`, { token });
  assert.equal(read.body.state, "delivered");
  assert.deepEqual(read.body.data, sent);
  // The trigger of the same path begins no second order.
  assert.deepEqual(await statesOf(app), { [`order-${order.id}`]: "delivered" });
  const summary = await ask(app, `GET /api/orders/${order.id}/summary`, {
    token,
  });
  assert.equal(summary.body.transaction_id, "txn-20");
  assert.equal(summary.body.tracking_number, "TRK-2");
  assert.deepEqual(complaints(app), []);
});

Deno.test("a shop stops an order that is sold out, declined or undeliverable", async () => {
  await using app = await startFolder("shop");
  const token = await signIn(app, "ines@example.org");
  const place = async (body: unknown) =>
    (await ask(app, "POST /api/orders", { token, body })).body.id;
  const items = [{ productId: "p1" }];
  const ids = [
    await place({ items: [{ productId: "p2" }], total: 20 }),
    await place({ items: [], total: 20 }),
    await place({ items, total: 2_000 }),
    await place({ items, total: 20, shipping: { city: "Moon" } }),
  ];
  const ends = async () => {
    const states = await statesOf(app);
    return ids.map((id) => states[`order-${id}`]);
  };
  await advanceUntil(app.effects, STEP_MS, ends, [
    "failed",
    "failed",
    "payment_failed",
    "ship_failed",
  ]);
  const late = await ask(app, `POST /api/orders/${ids[0]}/cancel_order`, {
    token,
  });
  assert.equal(late.status, 400);
});

Deno.test("a shop shows its goods to everybody and orders to who placed them", async () => {
  await using app = await startFolder("shop");
  const token = await signIn(app, "ines@example.org");
  const products = await ask(app, "GET /api/products");
  assert.deepEqual(
    products.body.map(({ data }: { data: { name: string } }) => data.name),
    ["Lamp", "Desk"],
  );
  assert.equal((await ask(app, "GET /api/orders")).status, 401);
  const { body: order } = await ask(app, "POST /api/orders", {
    token,
    body: { id: "o1", items: [{ productId: "p1" }] },
  });
  const registered = await ask(app, "POST /api/auth/register", {
    body: {
      email: "ute@example.org",
      name: "Ute",
      password: "another long one",
    },
  });
  assert.equal(registered.status, 201);
  const other = { token: registered.body.token };
  assert.deepEqual((await ask(app, "GET /api/orders", other)).body, []);
  assert.equal(
    (await ask(app, `GET /api/orders/${order.id}`, other)).status,
    404,
  );
  assert.equal((await ask(app, "DELETE /api/products", other)).status, 405);
});

Deno.test("a shop goes on with its orders and customers after a restart", async () => {
  const store = memoryStore();
  const first = await startFolder("shop", store);
  const token = await signIn(first, "ines@example.org");
  await ask(first, "POST /api/orders", {
    token,
    body: { id: "o9", items: [{ productId: "p1" }], total: 20 },
  });
  // The carrier did not answer: the next attempt is not due.
  await advanceUntil(
    first.effects,
    0,
    () => statesOf(first),
    { "order-o9": "shipping" },
  );
  await first.stop();
  await using second = await startFolder("shop", store);
  await advanceUntil(
    second.effects,
    STEP_MS,
    () => statesOf(second),
    { "order-o9": "delivered" },
  );
  const again = await signIn(second, "ines@example.org");
  const read = await ask(second, "GET /api/orders/o9", { token: again });
  assert.equal(read.body.state, "delivered");
});

Deno.test("a chat leads a message to who takes it, and on to its end", async () => {
  await using app = await startFolder("support_chat");
  const token = await signIn(app, "nell@example.org");
  const sent = { id: "c1", body: "HELLO there", from: "+1" };
  const created = await ask(app, "POST /api/conversations", { body: sent });
  assert.equal(created.status, 201);
  assert.deepEqual(created.body.data, sent);
  const read = async () =>
    (await ask(app, "GET /api/conversations/c1", { token })).body.state;
  const untilIs = (state: string) => advanceUntil(app.effects, 0, read, state);
  await untilIs("queued");
  const queue = await ask(app, "GET /api/queue", { token });
  assert.deepEqual(
    [queue.body.totalQueued, queue.body.conversations[0].id],
    [1, "c1"],
  );
  const act = async (action: string, body?: unknown) => {
    const line = `POST /api/conversations/c1/${action}`;
    const { status, body: answer } = await ask(app, line, { token, body });
    return [status, answer.transition];
  };
  // Nobody is free: the step compensates, and the conversation waits again.
  assert.deepEqual(await act("assign"), [200, "assign_responder"]);
  await untilIs("queued");
  await act("assign", { responderId: "user-001" });
  await untilIs("active");
  assert.equal(
    (await ask(app, "GET /api/queue", { token })).body.totalQueued,
    0,
  );
  assert.deepEqual(await act("wrap-up"), [200, "begin_wrap_up"]);
  assert.deepEqual(await act("close"), [200, "close_from_wrap_up"]);
  await untilIs("closed");
  const summary = await ask(app, "GET /api/conversations/c1/summary", {
    token,
  });
  assert.deepEqual(
    [summary.body.programId, summary.body.assignedTo],
    ["prog-001", "user-001"],
  );
  const tracked = app.service(StateTracker)
    .get("conversation_lifecycle", "conv-c1");
  assert.deepEqual(
    [tracked?.currentState, tracked?.previousState],
    ["closed", "wrap_up"],
  );
});

Deno.test("a chat lets the type of an escalation choose, and hears of messages by event", async () => {
  await using app = await startFolder("support_chat");
  const token = await signIn(app, "nell@example.org");
  const broker = app.service(Broker);
  const message = { type: "message.received", id: "c2", body: "HELLO" };
  await broker.publish("chat.inbound", message);
  await broker.publish("chat.inbound", { ...message, type: "other", id: "c3" });
  const states = () => statesOf(app);
  await advanceUntil(app.effects, 0, states, { c2: "queued" });
  await ask(app, "POST /api/conversations", {
    body: { id: "c1", body: "help" },
  });
  await advanceUntil(app.effects, 0, states, {
    c2: "queued",
    "conv-c1": "queued",
  });
  const assign = { token, body: { responderId: "user-001" } };
  await ask(app, "POST /api/conversations/c1/assign", assign);
  await advanceUntil(app.effects, 0, states, {
    c2: "queued",
    "conv-c1": "active",
  });
  const escalated = await ask(app, "POST /api/conversations/c1/escalate", {
    token,
    body: { type: "police" },
  });
  assert.equal(escalated.body.state, "escalated_police");
});

Deno.test("a chat keeps strangers out, answers preflights and serves its pages", async () => {
  await using app = await startFolder("support_chat");
  assert.equal((await ask(app, "GET /api/programs")).status, 401);
  const token = await signIn(app, "nell@example.org");
  const profile = await ask(app, "GET /api/auth/profile", { token });
  assert.deepEqual(profile.body.programIds, ["prog-001"]);
  assert.equal(
    (await ask(app, "GET /api/programs/prog-001", { token })).status,
    200,
  );
  const preflight = await app.request("OPTIONS", "/api/programs", {
    headers: {
      origin: "https://a.example",
      "access-control-request-method": "GET",
    },
  });
  assert.equal(preflight.status, 200);
  assert.equal(preflight.headers.get("access-control-max-age"), "3600");
  for (const path of ["/", "/queue", "/admin/programs"]) {
    assert.match((await ask(app, `GET ${path}`)).body, /<title>/);
  }
  assert.equal((await ask(app, "GET /api/unheard-of")).status, 404);
  assert.equal((await ask(app, "GET /readyz")).body.status, "ready");
});

const GATEWAY = `
modules:
  - name: gateway-server
    type: http.server
    config: { address: ":8080", readTimeout: "15s", writeTimeout: "15s" }
  - name: gateway-router
    type: http.router
    dependsOn: [gateway-server]
  - name: cors
    type: http.middleware.cors
    config:
      allowedOrigins: ["http://localhost:8080", "\${EXTRA_ORIGIN:-https://localhost:8080}"]
  - { name: request-id, type: http.middleware.requestid }
  - { name: security, type: http.middleware.securityheaders }
  - name: proxy
    type: http.simple_proxy
    config:
      targets:
        /api/auth: "\${API_URL}"
        /api/users: "\${API_URL}"
        /api/queue: "\${CHAT_URL:-http://chat:8082}"
  - name: spa
    type: static.fileserver
    config: { root: ./spa, prefix: /spa/, cacheMaxAge: "60" }
    dependsOn: [gateway-router]
workflows:
  http:
    router: gateway-router
    server: gateway-server
    routes:
      - { method: POST, path: /api/auth/login, handler: proxy, middlewares: [security, request-id, cors] }
      - { method: GET, path: "/api/users/{id}", handler: proxy }
      - { method: GET, path: /api/queue/, handler: proxy }
      - { method: GET, path: /api/other, handler: proxy }
      - { method: GET, path: /, handler: spa }
triggers:
`;

Deno.test("a gateway sends each path to its service and the rest to the pages", async () => {
  const asked: string[] = [];
  const effects = simulatedEffects({
    fetch: async (input, init) => {
      const request = new Request(input, init);
      asked.push(`${request.method} ${request.url} ${await request.text()}`);
      return Response.json({ ok: true });
    },
  });
  await using app = await startApplication({
    document: GATEWAY,
    definitions,
    effects,
    folder: `${DOCUMENTS}support_chat/`,
    env: { API_URL: "http://api:8081/" },
  });
  const login = await app.request("POST", "/api/auth/login", {
    headers: { origin: "https://localhost:8080" },
    body: { email: "a" },
  });
  assert.equal(
    login.headers.get("access-control-allow-origin"),
    "https://localhost:8080",
  );
  assert.equal(login.headers.get("x-frame-options"), "DENY");
  assert.ok(login.headers.has("x-request-id"));
  await ask(app, "GET /api/users/7?x=1");
  await ask(app, "GET /api/queue/health");
  assert.deepEqual(asked, [
    'POST http://api:8081/api/auth/login {"email":"a"}',
    "GET http://api:8081/api/users/7?x=1 ",
    "GET http://chat:8082/api/queue/health ",
  ]);
  assert.equal((await ask(app, "GET /api/other")).status, 502);
  for (const path of ["/", "/spa/", "/spa/deep/link"]) {
    assert.match((await ask(app, `GET ${path}`)).body, /<title>/, path);
  }
});

const PLAIN = `
modules:
  - name: server
    type: http.server
    config:
      address: ":8080"
  - name: router
    type: http.router
  - name: limit
    type: http.middleware.ratelimit
    config:
      requestsPerMinute: 300
      burstSize: 50
  - name: log
    type: http.middleware.logging
  - name: notes
    type: api.handler
    config:
      resourceName: notes
workflows:
  http:
    routes:
      - method: GET
        path: /notes
        handler: notes
        middlewares: [limit, log]
      - method: POST
        path: /notes
        handler: notes
        middlewares: [limit, log]
`;

/** The same in other clothes. */
const CLOTHES: Readonly<Record<string, (value: unknown) => string>> = {
  "Windows line ends": () => PLAIN.replaceAll("\n", "\r\n"),
  "a byte order mark and a document marker": () => `\uFEFF---${PLAIN}...\n`,
  "JSON in one line": (value) => JSON.stringify(value),
  "JSON indented with tabs": (value) => JSON.stringify(value, null, "\t"),
  "quoted keys and values": (value) =>
    stringify(value, {
      defaultKeyType: "QUOTE_DOUBLE",
      defaultStringType: "QUOTE_SINGLE",
    }),
  "anchors": () =>
    PLAIN.replace(
      "middlewares: [limit, log]",
      "middlewares: &both [limit, log]",
    )
      .replace("middlewares: [limit, log]", "middlewares: *both"),
  "merged maps": () =>
    PLAIN.replace("- method: GET", "- &note\n        method: GET")
      .replace(/- method: POST[^]*$/, "- { <<: *note, method: POST }\n"),
  "numbers as text and empty parts": () =>
    `${
      PLAIN.replace("300", '"300"').replace("50", "'50'")
        .replace(
          "type: http.router",
          "type: http.router\n    config:\n    dependsOn:",
        )
    }triggers:\n`,
  "values from the environment": () =>
    PLAIN.replace('":8080"', '":${PORT}"').replace("300", '"${RATE:-300}"')
      .replace("resourceName: notes", "resourceName: ${KIND}"),
};

for (const [clothes, dress] of Object.entries(CLOTHES)) {
  Deno.test(`a document with ${clothes} means the same`, () => {
    const env: Readonly<Record<string, string>> = {
      PORT: "8080",
      KIND: "notes",
    };
    const sources = {
      env: (name: string) => env[name],
      secrets: new Map<string, string>(),
    };
    const read = (text: string) =>
      load(text, { catalog, file: "a.yaml", sources });
    const plain = read(PLAIN);
    const dressed = read(dress(plain.document?.value));
    assert.deepEqual(dressed.problems, []);
    assert.equal(dressed.plan?.fingerprint, plain.plan?.fingerprint);
  });
}

Deno.test("a pipeline hands on what each stage makes, and stops where it leads back", async () => {
  await using app = await startApplication({
    document: `
modules:
  - { name: collector, type: messaging.handler, config: { topic: raw.**, inputType: csv }, dependsOn: [bus] }
  - name: shaper
    type: data.transformer
    config:
      operations:
        - { type: map, config: { mappings: { celsius: temperature } } }
        - { type: filter, config: { fields: [temperature, sensor] } }
  - { name: archive, type: messaging.handler }
  - { name: bus, type: messaging.broker, config: { topics: [raw.paris], description: All that is measured } }
workflows:
  messaging:
    broker: bus
    subscriptions:
      - { topic: collected, handler: shaper, config: { ack: true } }
      - { topic: shaped, handler: archive }
    producers:
      - { name: collector, forwardTo: [collected] }
      - { name: shaper, topic: shaped }
      - { name: archive, forwardTo: [raw.again] }
      - { name: bus, forwardTo: [nowhere] }
`,
    definitions,
  });
  const seen: unknown[] = [];
  app.service(Broker).subscribe(
    "**",
    ({ topic, payload }) => void seen.push([topic, payload]),
  );
  const reading = { celsius: 21, sensor: 7, noise: true };
  await app.service(Broker).publish("raw.paris", reading);
  await app.effects.advance(1_000);
  const shaped = { temperature: 21, sensor: 7 };
  assert.deepEqual(seen, [
    ["raw.paris", reading],
    ["collected", reading],
    ["shaped", shaped],
    ["raw.again", shaped],
  ]);
});

Deno.test("several machines share an engine, and hooks tell them apart", async () => {
  await using app = await startApplication({
    document: `
modules:
  - { name: engine, type: statemachine.engine }
  - { name: workflow.service.statetracker, type: state.tracker }
  - { name: workflow.connector.statemachine, type: state.connector }
  - { name: on-leave, type: messaging.handler }
  - { name: on-end, type: messaging.handler }
  - { name: on-parcel, type: messaging.handler }
  - { name: on-all, type: messaging.handler }
workflows:
  statemachine:
    engine: engine
    definitions:
      - name: order-flow
        initialState: new
        states: { new: , paid: , done: { isFinal: true }, lost: { isFinal: true, isError: true } }
        transitions:
          pay: { fromState: new, toState: paid }
          finish: { fromState: paid, toState: done, autoTransform: true }
          lose: { fromState: new, toState: lost }
      - name: parcel-flow
        initialState: packed
        states: { packed: , done: { isFinal: true } }
        transitions:
          finish: { fromState: packed, toState: done }
    hooks:
      - { fromStates: [new], handler: on-leave }
      - { toStates: [done], handler: on-end }
      - { workflowType: parcel-flow, transitions: [finish], fromStates: [packed], toStates: [done], handler: on-parcel }
      - { handler: on-all, transitions: [] }
`,
    definitions,
  });
  const fire = (workflow: string, action: string, id: string) =>
    app.dispatch(workflow, action, { id });
  await fire("order-flow", "pay", "o1");
  await fire("parcel-flow", "finish", "p1");
  await fire("order-flow", "lose", "o2");
  await app.service(StateMachines).idle();
  const calls = app.logs
    .filter(({ message }) => message.startsWith("Message on"))
    .map(({ fields }) => `${fields.module} ${fields.topic}`);
  assert.deepEqual(calls.sort(), [
    "on-all order-flow.finish",
    "on-all order-flow.lose",
    "on-all order-flow.pay",
    "on-all parcel-flow.finish",
    "on-end order-flow.finish",
    "on-end parcel-flow.finish",
    "on-leave order-flow.lose",
    "on-leave order-flow.pay",
    "on-parcel parcel-flow.finish",
  ]);
  assert.deepEqual(await statesOf(app), { o1: "done", p1: "done", o2: "lost" });
  const tracker = app.service(StateTracker);
  assert.equal(tracker.get("order_flow", "o2")?.currentState, "lost");
  assert.equal(tracker.get("parcel_flow", "p1")?.currentState, "done");
  assert.equal(tracker.get("parcel_flow", "o2"), undefined);
});

Deno.test("each of two servers answers with its own router", async () => {
  await using app = await startApplication({
    document: `
modules:
  - { name: public, type: http.server, config: { address: ":8080" } }
  - { name: internal, type: http.server, config: { address: ":9080", router: admin-router } }
  - { name: public-router, type: http.router }
  - { name: admin-router, type: http.router, dependsOn: [internal] }
  - { name: hello, type: http.handler }
  - { name: metrics, type: metrics.collector, dependsOn: [admin-router] }
  - { name: health, type: health.checker, dependsOn: [admin-router] }
workflows:
  http:
    server: public
    router: public-router
    routes:
      - { method: GET, path: /hello, handler: hello }
`,
    definitions,
  });
  const status = async (server: string, path: string) => {
    const request = new Request(`http://localhost${path}`);
    const response = await app.service(HttpServer, server).handle(request);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await status("public", "/hello"), 200);
  assert.equal(await status("public", "/metrics"), 404);
  assert.equal(await status("public", "/healthz"), 404);
  assert.equal(await status("internal", "/hello"), 404);
  assert.equal(await status("internal", "/metrics"), 200);
  assert.equal(await status("internal", "/healthz"), 200);
});

Deno.test("triggers run what they name, and what they misname stops nothing", async () => {
  await using app = await startApplication({
    document: `
modules:
  - { name: shop-server, type: http.server, config: { address: ":8080" } }
  - { name: shop-router, type: http.router }
  - { name: order-broker, type: messaging.broker }
  - { name: engine, type: statemachine.engine }
  - { name: order-log, type: messaging.handler }
  - name: orders
    type: api.handler
    config: { resourceName: orders, workflowType: order-flow }
workflows:
  http:
    routes:
      - { method: POST, path: /orders, handler: orders }
      - { method: GET, path: "/orders/{id}", handler: orders }
  messaging:
    subscriptions:
      - { topic: order-events, handler: order-log }
  statemachine:
    engine: engine
    definitions:
      - name: order-flow
        initialState: new
        states: { new: {}, processing: {}, completed: { isFinal: true } }
        transitions:
          submit: { fromState: new, toState: processing }
          complete: { fromState: processing, toState: completed }
triggers:
  http:
    routes:
      - { method: POST, path: /orders/submit, workflow: order-flow, action: submit }
      - { method: post, path: /orders/:id/complete, workflow: statemachine, action: complete, params: { by: web } }
      - { method: POST, path: /announce, workflow: messaging, action: "order-broker:order-events" }
  event:
    subscriptions:
      - { topic: order-events, event: order.created, workflow: order-flow, action: submit }
      - { topic: order-events, workflow: notification-dispatch, action: send }
`,
    definitions,
  });
  await ask(app, "POST /orders", { body: { id: "o1" } });
  const submitted = await ask(app, "POST /orders/submit?id=o1");
  assert.equal(submitted.status, 202);
  assert.equal(submitted.body.status, "workflow triggered");
  assert.equal((await ask(app, "GET /orders/o1")).body.state, "processing");
  assert.equal((await ask(app, "POST /orders/submit?id=o1")).status, 409);
  assert.equal((await ask(app, "POST /orders/o1/complete")).status, 202);
  const finished = await app.service(StateMachines).get("o1");
  assert.deepEqual([finished?.state, finished?.data.by], ["completed", "web"]);
  const announced = { type: "order.created", id: "o2" };
  await ask(app, "POST /announce", { body: announced });
  await app.effects.advance(1_000);
  assert.deepEqual(await statesOf(app), { o1: "completed", o2: "processing" });
  const lines = app.logs.map(({ message }) => message);
  assert.ok(lines.includes('Message on "order-events"'));
  assert.ok(lines.some((line) => line.includes('"notification-dispatch"')));
});

Deno.test("modules may stand anywhere in the file, and start behind what they depend on", () => {
  const read = (text: string) =>
    load(text, {
      catalog,
      file: "a.yaml",
      sources: { env: () => undefined, secrets: new Map<string, string>() },
    });
  const entry = (name: string, ...dependsOn: string[]) =>
    `  - { name: ${name}, type: messaging.handler, branches: { "true": b, case-0: c }, dependsOn: [${dependsOn}] }\n`;
  const { plan } = read(
    `modules:\n${entry("a", "b", "c")}${entry("b", "c")}${entry("c")}`,
  );
  assert.deepEqual(plan?.modules.map(({ name }) => name), ["c", "b", "a"]);
  const { problems } = read(`modules:\n${entry("a", "a")}`);
  assert.ok(problems.some(({ code }) => code === "dependency-cycle"));
});
