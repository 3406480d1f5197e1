import assert from "node:assert/strict";
import { RefusedError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker, type Message } from "@engine/services/broker.ts";
import { createCatalog } from "../../engine/catalog.ts";
import { load } from "../../engine/load.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { startApplication } from "../../engine/testing.ts";
import registry from "../../modules/integration/registry.ts";
import broker from "../../modules/messaging/broker.ts";
import handler from "../../modules/messaging/handler.ts";
import integration from "./integration.ts";

const DEFINITIONS = [registry, broker, handler, integration];

type Section = Readonly<Record<string, unknown>>;

const API = {
  name: "api",
  type: "http",
  config: { baseURL: "https://api.example.com" },
};

const documentOf = (section: Section) => ({
  modules: [
    { name: "events", type: "messaging.broker" },
    { name: "listener", type: "messaging.handler" },
    { name: "services", type: "integration.registry" },
  ],
  workflows: {
    integration: { registry: "services", connectors: [API], ...section },
  },
});

/** The problems of a section, as `path: message`. */
function problemsOf(section: Section): readonly string[] {
  const text = JSON.stringify(documentOf(section), null, 2);
  const { problems } = load(text, {
    catalog: createCatalog(DEFINITIONS),
    file: "test.yaml",
    sources: { env: () => undefined, secrets: new Map() },
  });
  return problems.map(({ path, severity, message, nearest, help }) =>
    `${severity} ${path.replace("workflows.integration.", "")}: ${message}` +
    (nearest ?? help ? ` [${nearest ?? help}]` : "")
  );
}

const steps = (...given: readonly Section[]) => ({
  steps: given.map((fields, index) => ({
    name: `s${index}`,
    connector: "api",
    action: "GET /",
    ...fields,
  })),
});

Deno.test("a section without mistakes has no problems", () => {
  assert.deepEqual(
    problemsOf(steps(
      { name: "find", action: "GET /a/{id}", input: { id: "${data.id}" } },
      {
        input: { to: "${find.mail || data.mail}", x: "${orderId}" },
        onError: "listener",
        transform: "{'id': result.id}",
      },
    )),
    [],
  );
});

for (
  const [name, section, problem] of [
    [
      "an unknown connector",
      steps({ connector: "apj" }),
      'error steps[0].connector: No connector is called "apj" [Did you mean "api"?]',
    ],
    [
      "an action that is none",
      steps({ action: "FETCH /" }),
      'error steps[0].action: "FETCH /" is not a method and a path, such as "GET /orders/{id}"',
    ],
    [
      "a parameter of the path that is not given",
      steps({ action: "GET /a/{id}" }),
      'error steps[0].input: "input" has no "id", which stands in the path',
    ],
    [
      "a step that is misspelt",
      steps({ name: "charge" }, { input: { id: "${chargr.id}" } }),
      'warning steps[1].input.id: No step before this one is called "chargr" [Did you mean "charge"?]',
    ],
    [
      "a step that runs later",
      steps({ input: { id: ["${charge.id}"] } }, { name: "charge" }),
      'warning steps[0].input.id[0]: "charge" has no result yet: it does not run before this step',
    ],
    [
      "a way back",
      steps({ name: "a" }, { onError: "a" }),
      'error steps[1].onError: "onError" leads back to "a": a run goes forwards only; retryCount tries a step again',
    ],
    [
      "a substitution that cannot be read",
      steps({ input: { id: "${data id}" } }),
      'error steps[0].input.id: "${data id}" cannot be read: expected names joined by dots, such as ${data.id}, and || between alternatives',
    ],
    [
      "a transform that nothing reads",
      steps({ transform: "{ id: data.id }" }),
      'warning steps[0].transform: "transform" has no effect: it does not mention "result" [Write an expression over result, such as {\'id\': result.id}]',
    ],
    [
      "a transform that is not valid",
      steps({ transform: "result.id +" }),
      'error steps[0].transform: "transform" is not valid at 1:12: Unexpected token: EOF',
    ],
    [
      "a wait that is none",
      steps({ retryDelay: "soon" }),
      'warning steps[0].retryDelay: "soon" is no duration such as "2s": the step waits 1s',
    ],
    [
      "two steps of one name",
      steps({ name: "a" }, { name: "a" }),
      'error steps[1].name: Another step is called "a" as well',
    ],
    [
      "two connectors of one name",
      { connectors: [API, API] },
      'error connectors[1].name: Another connector is called "api" as well',
    ],
    [
      "a connector without its token",
      {
        connectors: [{
          ...API,
          config: { ...API.config, authType: "bearer" },
        }],
      },
      'warning connectors[0].config: "api" has no "token", which bearer sends',
    ],
    [
      "two webhooks on one path",
      {
        connectors: ["/in", "in"].map((path, index) => ({
          name: `hook${index}`,
          type: "webhook",
          config: { path },
        })),
      },
      'error connectors[1].config.path: "hook0" receives on :8080/in as well',
    ],
    [
      "connections that SQLite does not have",
      {
        connectors: [{
          name: "db",
          type: "database",
          config: { driver: "sqlite", dsn: ":memory:", maxOpenConns: 2 },
        }],
      },
      'warning connectors[0].config.maxOpenConns: "maxOpenConns" has no effect: SQLite has one connection',
    ],
    [
      "an action that no database has",
      {
        connectors: [{
          name: "api",
          type: "database",
          config: { driver: "sqlite", dsn: ":memory:" },
        }],
        ...steps({ action: "querry" }),
      },
      'error steps[0].action: A database cannot do "querry": expected one of query, execute, insert, update, delete [Did you mean "query"?]',
    ],
  ] as const
) {
  Deno.test(`${name} is found`, () => {
    assert.deepEqual(problemsOf(section), [problem]);
  });
}

Deno.test("a section without connectors, or with one of an unknown type, is refused", () => {
  assert.notDeepEqual(problemsOf({ connectors: [] }), []);
  const odd = { name: "x", type: "soap", config: {} };
  assert.notDeepEqual(problemsOf({ connectors: [odd] }), []);
});

async function start(section: Section, answer: (request: Request) => Response) {
  const asked: string[] = [];
  const effects = simulatedEffects({
    fetch: (input, init) => {
      const request = new Request(input, init);
      asked.push(`${request.method} ${request.url}`);
      return Promise.resolve(answer(request));
    },
  });
  const app = await startApplication({
    document: documentOf(section),
    definitions: DEFINITIONS,
    effects,
  });
  return { app, asked, effects, [Symbol.asyncDispose]: () => app.stop() };
}

const ok = () => Response.json({ id: 7 });

Deno.test("the connectors of a section can be called, and a result reshaped", async () => {
  await using world = await start({}, ok);
  const call = (transform?: string) =>
    world.app.service(Actions, "services").act("call", {
      connector: "api",
      action: "GET /a",
      ...(transform === undefined ? {} : { transform }),
    }, { signal: new AbortController().signal, idempotencyKey: "k" });
  assert.deepEqual(await call(), { id: 7, statusCode: 200 });
  assert.deepEqual(await call("{'twice': result.id * 2}"), { twice: 14 });
  await assert.rejects(call("result.missing"), /missing/);
});

Deno.test("notify tells a message handler or a topic", async () => {
  await using world = await start({}, ok);
  const messages: Message[] = [];
  world.app.service(Broker).subscribe(
    "**",
    (message) => void messages.push(message),
  );
  const notify = (to: string) =>
    world.app.service(Actions, "services").act("notify", {
      to,
      message: { a: 1 },
    }, {
      signal: new AbortController().signal,
      idempotencyKey: "k",
    });
  assert.deepEqual(await notify("listener"), {
    to: "listener",
    kind: "module",
  });
  assert.ok(world.app.logs.some(({ fields }) => fields.module === "listener"));
  assert.deepEqual(await notify("order-errors"), {
    to: "order-errors",
    kind: "topic",
  });
  await world.effects.advance(1);
  assert.deepEqual(messages.map(({ topic, payload }) => [topic, payload]), [
    ["order-errors", { a: 1 }],
  ]);
});

Deno.test("steps of a request are run in order, with the results of those before", async () => {
  const statuses = [500, 200, 404, 200];
  await using world = await start(
    { allowAdHoc: true },
    () => Response.json({ id: 7 }, { status: statuses.shift() ?? 200 }),
  );
  const running = world.app.dispatch("integration", "services:sync", {
    customer: "c1",
    steps: [
      {
        connector: "api",
        action: "GET /customers/{id}",
        input: { id: "${data.customer}" },
        retryCount: 1,
        retryDelay: "2s",
      },
      { connector: "api", action: "GET /nothing", onError: "whoever" },
      {
        connector: "api",
        action: "GET /orders/{id}",
        input: { id: "${sync-0.id}", why: "${sync-1_error}" },
      },
    ],
  });
  await world.effects.advance(1_999);
  assert.equal(world.asked.length, 1);
  await world.effects.advance(1);
  const { "sync-1_error": error, ...results } = await running;
  assert.deepEqual(results, {
    customer: "c1",
    "sync-0": { id: 7, statusCode: 200 },
    "sync-2": { id: 7, statusCode: 200 },
  });
  assert.match(String(error), /answered 404/);
  assert.match(world.asked.at(-1) ?? "", /^GET .*\/orders\/7\?why=GET\+https/);
});

Deno.test("one step of a request is the connector that it names and the flow", async () => {
  await using world = await start({ allowAdHoc: true }, ok);
  assert.deepEqual(
    await world.app.dispatch("integration", "services:GET /a/{id}", {
      connector: "api",
      id: 3,
    }),
    { connector: "api", id: 3, "step-0": { id: 7, statusCode: 200 } },
  );
  assert.deepEqual(world.asked, ["GET https://api.example.com/a/3"]);
});

Deno.test("steps of a request are refused unless the section allows them, and where they are none", async () => {
  const step = { connector: "api", action: "GET /" };
  await using closed = await start({}, ok);
  await using open = await start({ allowAdHoc: true }, ok);
  const refused = (
    { app }: typeof closed,
    action: string,
    data: Parameters<typeof app.dispatch>[2],
  ) => assert.rejects(app.dispatch("integration", action, data), RefusedError);
  await refused(closed, "services", { steps: [step] });
  await refused(closed, "services:GET /", { connector: "api" });
  await refused(open, "others", { steps: [step] });
  await refused(open, "services", {});
  await refused(open, "services", { steps: [] });
  await refused(open, "services", { steps: [{ connector: "api" }] });
  await refused(open, "services", { steps: [{ ...step, retryCount: 11 }] });
  await refused(open, "services", { steps: [{ ...step, connector: "apj" }] });
  await refused(open, "services", { steps: new Array(101).fill(step) });
  assert.deepEqual([...closed.asked, ...open.asked], []);
});
