/**
 * The ways of conditionals: for messages, transitions and requests.
 */
import assert from "node:assert/strict";
import { catalog, definitions } from "../../catalog.gen.ts";
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import {
  type HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import type { SimulatedEffects } from "@engine/simulation/effects.ts";
import { load } from "@engine/load.ts";
import { Broker, type Message } from "@engine/services/broker.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { startApplication } from "@engine/testing.ts";

type App = Awaited<ReturnType<typeof startApplication>>;

/** Which handlers have logged a message, in order. */
function reached(app: App): string[] {
  return app.logs
    .filter(({ message }) => message.startsWith("Message on"))
    .map(({ fields }) => String(fields.module));
}

const HANDLERS = ["review", "ship", "refusal"]
  .map((name) => `  - { name: ${name}, type: messaging.handler }\n`).join("");

function messaging(conditional: string): string {
  return `modules:
  - { name: events, type: messaging.broker }
${conditional}${HANDLERS}workflows:
  messaging:
    subscriptions:
      - { topic: orders, handler: choose }
`;
}

async function after(
  conditional: string,
  ...payloads: Message["payload"][]
): Promise<string[]> {
  await using app = await startApplication({
    document: messaging(conditional),
    definitions,
  });
  const broker = app.service(Broker);
  for (const payload of payloads) await broker.publish("orders", payload);
  await app.effects.advance(1_000);
  return reached(app);
}

Deno.test("conditional.ifelse hands a message the way of true or of false, of branches beside its config", async () => {
  const ways = await after(
    `  - name: choose
    type: conditional.ifelse
    config: { expression: data.total > 100 }
    branches: { "true": review, "false": ship }
`,
    { total: 500 },
    { total: 7 },
  );
  assert.deepEqual(ways.toSorted(), ["review", "ship"]);
});

Deno.test("conditional.ifelse knows the older names of its ways, and drops what has none", async () => {
  const ways = await after(
    `  - name: choose
    type: conditional.ifelse
    config: { expression: data.total > 100, true_target: review }
`,
    { total: 7 },
    { total: 500 },
  );
  assert.deepEqual(ways, ["review"]);
});

Deno.test("conditional.switch knows its ways by number and by value, and has one for all others", async () => {
  const ways = await after(
    `  - name: choose
    type: conditional.switch
    config: { expression: data.priority, cases: [express, 2] }
    branches: { case-0: ship, "2": review, default: refusal }
`,
    { priority: "express" },
    { priority: 2 },
    { priority: "never heard of" },
  );
  assert.deepEqual(ways.toSorted(), ["refusal", "review", "ship"]);
});

Deno.test("conditional.expression goes the way that its expression names", async () => {
  const ways = await after(
    `  - name: choose
    type: conditional.expression
    config:
      expression: "context.topic == 'orders' ? data.way : 'review'"
      outputs: [review, ship]
      branches: { out-0: review, ship: ship, result: refusal }
`,
    { way: "ship" },
    { way: "review" },
    { way: "somewhere" },
  );
  assert.deepEqual(ways.toSorted(), ["refusal", "review", "ship"]);
});

/** Answers with what was sent. */
const echo = defineModule({
  type: "test.echo",
  summary: "Answers with what was sent",
  stability: "stable",
  config: z.strictObject({}),
  provides: [HttpHandler],
  examples: [],
  create: () => ({
    handle: async ({ request }: HttpContext) =>
      new Response(await request.text(), { status: 201 }),
  }),
});

const API = `modules:
  - { name: web, type: http.server, config: { address: ":0" } }
  - { name: router, type: http.router }
  - name: choose
    type: conditional.ifelse
    config:
      expression: "context.method == 'POST' && size(data.items) > 0"
    branches: { "true": accept }
  - { name: accept, type: test.echo }
workflows:
  http:
    routes:
      - { method: POST, path: /orders, handler: choose }
`;

Deno.test("a request goes on with all of its body, to whoever answers it", async () => {
  await using app = await startApplication({
    document: API,
    definitions: [...definitions, echo],
  });
  const post = (body: unknown) => app.request("POST", "/orders", { body });
  const accepted = await post({ items: ["lamp"] });
  assert.equal(accepted.status, 201);
  assert.deepEqual(await accepted.json(), { items: ["lamp"] });
  const dropped = await post({ items: [] });
  assert.equal(dropped.status, 404);
  assert.match(await dropped.text(), /Nothing is there for \\"false\\"/);
  const unclear = await post({ nothing: 1 });
  assert.equal(unclear.status, 422);
  await unclear.body?.cancel();
});

Deno.test("an answer that is neither true nor false goes no way at all", async () => {
  await using app = await startApplication({
    document: API.replace(/expression: .*/, "expression: data.total"),
    definitions: [...definitions, echo],
  });
  const response = await app.request("POST", "/orders", { body: { total: 5 } });
  assert.equal(response.status, 422);
  await response.body?.cancel();
  const [line] = app.logs.filter(({ level }) => level === "warn");
  assert.match(
    line?.message ?? "",
    /"data.total" is 5, expected true or false/,
  );
});

const MACHINE = `modules:
  - { name: machine, type: statemachine.engine }
  - name: choose
    type: conditional.ifelse
    config:
      expression: data.total > 100 && context.toState == 'placed'
      branches: { "true": review, "false": ship }
${HANDLERS}workflows:
  statemachine:
    definitions:
      - name: order
        initialState: new
        states: { new: {}, placed: { isFinal: true } }
        transitions: { place: { fromState: new, toState: placed } }
    hooks:
      - { transitions: [place], handler: choose }
`;

Deno.test("a transition goes the way that the data of its instance says", async () => {
  await using app = await startApplication<SimulatedEffects>({
    document: MACHINE,
    definitions,
  });
  const machines = app.service(StateMachines);
  await machines.create("order", "o1", { total: 500 });
  await machines.fire("o1", "place");
  await app.effects.advance(0);
  await machines.idle();
  assert.deepEqual(reached(app), ["review"]);
});

function problemsOf(conditional: string) {
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  return load(messaging(conditional), {
    ...{ catalog, file: "app.yaml", sources },
  }).problems.map(({ severity, code, line, path }) =>
    `${severity} ${code} ${line} ${path}`
  );
}

Deno.test("a way that leads nowhere, or that nothing takes, is found at its line", () => {
  assert.deepEqual(
    problemsOf(`  - name: choose
    type: conditional.switch
    config:
      expression: data.priority
      cases: [express]
      branches: { case-1: ship }
`),
    ["error invalid-value 8 modules[1].config.branches.case-1"],
  );
  assert.deepEqual(
    problemsOf(`  - name: choose
    type: conditional.ifelse
    config: { expression: data.total > 100 }
    branches:
      "true": nobody
`),
    ["error unresolved-reference 7 modules[1].branches.true"],
  );
  assert.deepEqual(
    problemsOf(`  - name: choose
    type: conditional.ifelse
    config: { expression: data.total > 100 }
    branches:
      maybe: ship
`),
    ["warning ineffective-key 7 modules[1].branches.maybe"],
  );
});

Deno.test("an expression that is none is found when the document is loaded", () => {
  const [problem = ""] = problemsOf(`  - name: choose
    type: conditional.ifelse
    config: { expression: "total >" }
`);
  assert.match(problem, /^error .*expression/);
});
