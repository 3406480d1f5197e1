import assert from "node:assert/strict";
import { z } from "zod";
import { type AnyDefinition, defineModule } from "@engine/define.ts";
import { ConfigError, RefusedError } from "@engine/errors.ts";
import { Broker, type Message } from "@engine/services/broker.ts";
import { type ExecuteOptions, Executor } from "@engine/services/executor.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { StateConnector } from "@engine/services/state_connector.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { StateTracker } from "@engine/services/state_tracker.ts";
import { Transformer } from "@engine/services/transformer.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { startApplication } from "@engine/testing.ts";
import broker from "../../modules/messaging/broker.ts";
import connector from "../../modules/state/connector.ts";
import tracker from "../../modules/state/tracker.ts";
import engine from "../../modules/statemachine/engine.ts";
import statemachine from "./statemachine.ts";

const ORDER = {
  name: "order-processing",
  initialState: "new",
  states: {
    new: null,
    paid: { description: "Somebody has paid" },
    shipped: { isFinal: true },
    failed: { isFinal: true, isError: true },
  },
  transitions: {
    pay: {
      fromState: "new",
      toState: "paid",
      condition: "input.total > 0 && data.total == input.total",
    },
    ship: { fromState: "paid", toState: "shipped" },
    fail: { fromState: "new", toState: "failed" },
    "re:open": { fromState: "failed", toState: "new" },
  },
};

const PARCEL = {
  name: "parcel",
  initialState: "packed",
  states: { packed: {}, sent: { isFinal: true } },
  transitions: { send: { fromState: "packed", toState: "sent" } },
};

interface Setup {
  readonly section?: Readonly<Record<string, unknown>>;
  readonly modules?: readonly Readonly<Record<string, unknown>>[];
  readonly definitions?: readonly AnyDefinition[];
  readonly strict?: boolean;
  readonly store?: ReturnType<typeof memoryStore>;
}

async function start(setup: Setup = {}) {
  const { section, modules = [], definitions = [], ...rest } = setup;
  const app = await startApplication({
    document: {
      modules: [{ name: "orders", type: "statemachine.engine" }, ...modules],
      workflows: {
        statemachine: {
          engine: "orders",
          definitions: [ORDER, PARCEL],
          ...section,
        },
      },
    },
    definitions: [
      engine,
      statemachine,
      broker,
      tracker,
      connector,
      ...definitions,
    ],
    ...rest,
  });
  const machines = app.service(StateMachines, "orders");
  return Object.assign(app, { machines });
}

function refusal(code: string, message?: RegExp) {
  return (error: unknown) =>
    error instanceof RefusedError && error.code === code &&
    (message?.test(error.message) ?? true);
}

/** What is wrong with a section, as `path message`. */
async function problems(section: Readonly<Record<string, unknown>>) {
  try {
    await using app = await start({ section });
    return app.logs.filter(({ level }) => level === "warn").map(({ message }) =>
      message
    );
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(({ path, message }) => `${path} ${message}`);
  }
}

Deno.test("statemachine makes and fires when nothing is there yet", async () => {
  await using app = await start();
  const result = await app.dispatch("order-processing", "pay", {
    id: "o1",
    total: 5,
  });
  assert.deepEqual(result, {
    instanceId: "o1",
    currentState: "paid",
    transition: "pay",
    success: true,
  });
  const instance = await app.machines.get("o1");
  assert.deepEqual(instance?.data, { id: "o1", total: 5 });
  assert.equal(
    (await app.dispatch("order-processing", "ship", { id: "o1" })).currentState,
    "shipped",
  );
});

Deno.test("statemachine takes the id from instanceId, id, or makes one", async () => {
  await using app = await start();
  const fail = (data: Record<string, string | number>) =>
    app.dispatch("order-processing", "fail", data);
  const both = await fail({ instanceId: "i1", id: "other" });
  assert.equal(both.instanceId, "i1");
  assert.deepEqual((await app.machines.get("i1"))?.data, { id: "other" });
  assert.equal((await fail({ id: 17 })).instanceId, "17");
  const made = await fail({});
  assert.equal(
    (await app.machines.get(String(made.instanceId)))?.state,
    "failed",
  );
  await assert.rejects(
    app.dispatch("order-processing", "ship", {}),
    refusal("invalid-input", /neither "instanceId" nor "id"/),
  );
});

Deno.test("statemachine makes nothing where the transition is refused", async () => {
  await using app = await start();
  const attempts = [
    ["pay", { id: "o1", total: 0 }, "guard-refused"],
    ["ship", { id: "o1" }, "not-found"],
    ["teleport", { id: "o1" }, "not-found"],
  ] as const;
  for (const [action, data, code] of attempts) {
    await assert.rejects(
      app.dispatch("order-processing", action, data),
      refusal(code),
    );
  }
  assert.equal(await app.machines.get("o1"), undefined);
});

/** What the engine publishes of a transition, as the event trigger hands it on. */
function announced(id: string, transition: string, states: string) {
  const [fromState = "", toState = ""] = states.split(" ");
  const type = `order.${toState}`;
  return {
    type,
    id,
    instanceId: id,
    definition: "order-processing",
    transition,
    fromState,
    toState,
    data: { id: "o1", total: 5 },
    timestamp: "2023-11-14T22:13:20.000Z",
    originalMessage: `{"type":"${type}"}`,
  };
}

Deno.test("statemachine merges nothing of its own announcement into the instance", async () => {
  await using app = await start();
  await app.machines.create("order-processing", "order-1", { id: "o1" });
  await app.machines.fire("order-1", "fail");
  const message = announced("order-1", "fail", "new failed");
  await app.dispatch("order-processing", "re:open", { ...message, by: "rule" });
  const { data, state } = await app.machines.get("order-1") ?? {};
  assert.equal(state, "new");
  assert.deepEqual(data, { id: "o1", by: "rule" });
});

Deno.test("statemachine merges what others say, also about an instance of theirs", async () => {
  await using app = await start();
  const message = announced("f1", "approve", "new approved");
  await app.dispatch("order-processing", "fail", message);
  const instance = await app.machines.get("f1");
  const { instanceId: _, ...rest } = message;
  assert.deepEqual(instance?.data, rest);
});

Deno.test("statemachine leaves an automatic transition to the machine when its own announcement asks for it", async () => {
  const automatic = {
    ...ORDER,
    transitions: {
      ...ORDER.transitions,
      ship: { ...ORDER.transitions.ship, autoTransform: true },
    },
  };
  await using app = await start({ section: { definitions: [automatic] } });
  await app.machines.create("order-processing", "o1", {}, { state: "paid" });
  const message = announced("o1", "pay", "new paid");
  const result = await app.dispatch("order-processing", "ship", message);
  assert.deepEqual(result, {
    instanceId: "o1",
    currentState: "paid",
    transition: "ship",
    success: true,
    automatic: true,
  });
  assert.equal((await app.machines.get("o1"))?.state, "paid");
  // Somebody else may ask for it at any time.
  await app.dispatch("order-processing", "ship", { id: "o1" });
  assert.equal((await app.machines.get("o1"))?.state, "shipped");
});

Deno.test("statemachine names the states of a refused transition", async () => {
  await using app = await start();
  await app.dispatch("order-processing", "fail", { id: "o1" });
  await assert.rejects(
    app.dispatch("order-processing", "pay", { id: "o1" }),
    refusal(
      "wrong-state",
      /it is in state "failed", and "pay" leads from "new"/,
    ),
  );
  await assert.rejects(
    app.dispatch("order-processing", "teleport", { id: "o1" }),
    refusal("unknown-transition"),
  );
});

Deno.test("statemachine keeps the instances of two definitions apart", async () => {
  await using app = await start();
  await app.dispatch("parcel", "send", { id: "x" });
  await assert.rejects(
    app.dispatch("order-processing", "fail", { id: "x" }),
    refusal(
      "not-found",
      /No "order-processing" has the id "x": it is a "parcel"/,
    ),
  );
});

Deno.test("statemachine finds the definition when it is addressed by its type", async () => {
  await using app = await start();
  const send = await app.dispatch("statemachine", "send", { id: "p1" });
  assert.equal(send.currentState, "sent");
  await app.machines.create("order-processing", "o1", { total: 1 });
  const paid = await app.dispatch("statemachine", "orders:pay", {
    id: "o1",
    total: 1,
  });
  assert.equal(paid.currentState, "paid");
  const named = await app.dispatch("statemachine", "fail", {
    id: "o2",
    workflowType: "order-processing",
  });
  assert.equal(named.currentState, "failed");
  // What stands before a colon is an engine only if there is one.
  const reopened = await app.dispatch("statemachine", "re:open", { id: "o2" });
  assert.equal(reopened.currentState, "new");
});

Deno.test("statemachine lets one of many concurrent creations win", async () => {
  await using app = await start();
  const outcomes = await Promise.allSettled(
    Array.from(
      { length: 50 },
      () => app.dispatch("parcel", "send", { id: "p" }),
    ),
  );
  assert.equal(
    outcomes.filter(({ status }) => status === "fulfilled").length,
    1,
  );
  assert.equal((await app.machines.history("p")).length, 2);
});

Deno.test("statemachine says where a definition contradicts itself", async () => {
  const broken = {
    ...ORDER,
    initialState: "nwe",
    transitions: {
      pay: { fromState: "new", toState: "payed", condition: "dta.total > 1" },
    },
  };
  assert.deepEqual(await problems({ definitions: [PARCEL, broken] }), [
    'workflows.statemachine.definitions[1].initialState No state is called "nwe"',
    'workflows.statemachine.definitions[1].transitions.pay.toState No state is called "payed"',
    "workflows.statemachine.definitions[1].transitions.pay.condition The condition of " +
    '"pay" is not valid at 1:1: No variable is called "dta"',
  ]);
});

Deno.test("statemachine warns of states and hooks that mean nothing", async () => {
  const lost = { ...PARCEL, states: { ...PARCEL.states, lost: {} } };
  const warnings = await problems({
    definitions: [lost, ORDER],
    hooks: [
      { workflowType: "parcels", handler: "nobody" },
      {
        workflowType: "parcel",
        transitions: ["pay"],
        toStates: ["sent", "lots"],
        handler: "nobody",
      },
      { transitions: ["pay", "send"], fromStates: ["gone"], handler: "nobody" },
    ],
  });
  const expected = [
    /The state "lost" of "parcel" cannot be reached/,
    /No state machine is called "parcels"/,
    /No transition is called "pay"/,
    /No state is called "lots"/,
    /No state is called "gone"/,
  ];
  for (const message of expected) {
    assert.equal(
      warnings.filter((text) => message.test(text)).length,
      1,
      String(message),
    );
  }
});

Deno.test("statemachine accepts what older documents carry, and says so", async () => {
  const warnings = await problems({
    modules: [{ name: "orders", config: { stateTracker: "x" } }],
    definitions: [{
      ...PARCEL,
      states: { packed: { data: { a: 1 } }, sent: { isFinal: true } },
      transitions: {
        send: { fromState: "packed", toState: "sent", data: { a: 1 } },
      },
    }],
    resourceMappings: [{
      resourceType: "parcels",
      stateMachine: "orders",
      instanceIDKey: "id",
    }],
  });
  for (const key of ["modules", "data", "instanceIDKey"]) {
    assert.ok(
      warnings.some((text) => text.includes(`"${key}" has no effect`)),
      key,
    );
  }
});

Deno.test("statemachine leaves a hook out whose handler is missing, and commits all the same", async () => {
  await using app = await start({
    section: { hooks: [{ handler: "nobody" }] },
  });
  const message =
    'A hook is left out: no module "nobody" can handle transitions';
  assert.ok(
    app.logs.some((line) => line.level === "warn" && line.message === message),
  );
  assert.ok(
    app.events.some((event) =>
      event.kind === "notice" && event.message === message
    ),
  );
  await app.dispatch("parcel", "send", { id: "p" });
  await app.machines.idle();
  assert.equal((await app.machines.get("p"))?.state, "sent");
});

Deno.test("statemachine passes over a hook whose module cannot handle transitions", async () => {
  const setup = {
    modules: [{ name: "states", type: "state.tracker" }],
    section: { hooks: [{ transitions: ["send"], handler: "states" }] },
  };
  await using app = await start(setup);
  const warnings = app.logs.filter(({ level }) => level === "warn")
    .map(({ message, fields }) => fields.code ?? message);
  assert.deepEqual(warnings, [
    "wrong-service",
    'A hook is left out: no module "states" can handle transitions',
  ]);
  await app.dispatch("parcel", "send", { id: "p1" });
  await app.machines.idle();
  assert.equal((await app.machines.get("p1"))?.state, "sent");
  await assert.rejects(start({ ...setup, strict: true }), ConfigError);
});

Deno.test("statemachine hands the message of the original to message handlers", async () => {
  const messages: Message[] = [];
  const mailbox = defineModule({
    type: "test.mailbox",
    summary: "Keep messages",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [MessageHandler],
    examples: [],
    create: () => ({ receive: (message) => void messages.push(message) }),
  });
  await using app = await start({
    definitions: [mailbox],
    modules: [{ name: "mailer", type: "test.mailbox" }],
    section: {
      hooks: [{
        workflowType: "parcel",
        toStates: ["sent"],
        handler: "mailer",
      }],
    },
  });
  await app.dispatch("parcel", "send", { id: "p" });
  await app.machines.idle();
  const sent = await app.machines.get("p");
  assert.deepEqual(messages, [{
    attempt: 1,
    id: "test/orders/p/1/0",
    topic: "parcel.send",
    payload: {
      workflowId: "parcel",
      instanceId: "p",
      transition: "send",
      fromState: "packed",
      toState: "sent",
    },
    publishedAt: sent?.updatedAt,
  }]);
});

Deno.test("statemachine runs code as a hook, and merges what it returns", async () => {
  let seen: readonly [unknown, ExecuteOptions] | undefined;
  const code = defineModule({
    type: "test.code",
    summary: "Run what the test says",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [Executor],
    examples: [],
    create: () => ({
      isolation: "none" as const,
      execute(params, options) {
        seen = [params, options];
        return Promise.resolve({ label: "L1" });
      },
    }),
  });
  await using app = await start({
    definitions: [code],
    modules: [{ name: "labeller", type: "test.code" }],
    section: { hooks: [{ transitions: ["send"], handler: "labeller" }] },
  });
  await app.dispatch("parcel", "send", { id: "p", weight: 2 });
  await app.machines.idle();
  assert.deepEqual(seen?.[0], {
    id: "p",
    weight: 2,
    workflowId: "p",
    transitionId: "send",
    fromState: "packed",
    toState: "sent",
  });
  assert.equal(seen?.[1].idempotencyKey, "test/orders/p/1/0");
  assert.deepEqual((await app.machines.get("p"))?.data, {
    id: "p",
    weight: 2,
    label: "L1",
  });
});

Deno.test("statemachine runs the pipeline of a transformer that is called like the transition", async () => {
  const reshape = defineModule({
    type: "test.reshape",
    summary: "Reshape data",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [Transformer],
    examples: [],
    create: () => ({
      transform(pipeline, data) {
        if (pipeline === "send") {
          return { kilos: (data as { weight: number }).weight };
        }
        throw new RefusedError(
          "not-found",
          `No pipeline is called "${pipeline}"`,
        );
      },
      transformWith: (_, data) => data,
    }),
  });
  await using app = await start({
    definitions: [reshape],
    modules: [{ name: "shaper", type: "test.reshape" }],
    section: { hooks: [{ handler: "shaper" }] },
  });
  await app.dispatch("parcel", "send", { id: "p", weight: 2 });
  // No pipeline is called like this transition, nor like the module.
  await app.dispatch("order-processing", "fail", { id: "o" });
  await app.machines.idle();
  assert.equal((await app.machines.get("p"))?.data.kilos, 2);
  assert.deepEqual((await app.machines.get("o"))?.data, { id: "o" });
  assert.ok(!app.events.some(({ severity }) => severity === "error"));
});

Deno.test("statemachine announces transitions under the name and its first word", async () => {
  await using app = await start({
    modules: [{ name: "bus", type: "messaging.broker" }],
  });
  const messages: Message[] = [];
  app.service(Broker).subscribe("**", (message) => void messages.push(message));
  await app.dispatch("order-processing", "pay", { id: "o1", total: 5 });
  await app.dispatch("order-processing", "ship", { id: "o1" });
  await app.dispatch("order-processing", "fail", { id: "o2" });
  await app.dispatch("parcel", "send", { id: "p" });
  await app.machines.idle();
  await app.effects.advance(0);
  assert.deepEqual(messages.map(({ topic }) => topic), [
    "order-processing.paid",
    "order.paid",
    "order-processing.state_changed",
    "order.state_changed",
    "order-processing.shipped",
    "order.shipped",
    "order-processing.state_changed",
    "order.state_changed",
    "order-processing.completed",
    "order.completed",
    "order-processing.failed",
    "order.failed",
    "order-processing.state_changed",
    "order.state_changed",
    "parcel.sent",
    "parcel.state_changed",
    "parcel.completed",
  ]);
  const [first] = await Array.fromAsync(app.machines.list());
  assert.deepEqual(messages[1]?.payload, {
    type: "order.paid",
    id: "o1",
    instanceId: "o1",
    definition: "order-processing",
    transition: "pay",
    fromState: "new",
    toState: "paid",
    data: { id: "o1", total: 5 },
    timestamp: new Date(first?.createdAt ?? 0).toISOString(),
  });
});

const TRACKED = [
  { name: "states", type: "state.tracker" },
  { name: "ties", type: "state.connector" },
];

Deno.test("statemachine ties each definition to resources of its name, by default", async () => {
  await using app = await start({ modules: TRACKED });
  const ties = app.service(StateConnector);
  assert.equal(ties.machinesFor("order_processing"), app.machines);
  assert.equal(ties.machinesFor("parcel"), app.machines);
  assert.equal(ties.machinesFor("order-processing"), undefined);
});

Deno.test("statemachine keeps the tracker up to date", async () => {
  await using app = await start({
    modules: TRACKED,
    section: {
      definitions: [ORDER],
      resourceMappings: [
        { resourceType: "orders", stateMachine: "workflows.orders" },
        { resourceType: "others", stateMachine: "nobody" },
      ],
    },
  });
  const states = app.service(StateTracker);
  const changes: string[] = [];
  states.onChange("orders", ({ currentState }) => changes.push(currentState));
  await app.dispatch("order-processing", "pay", { id: "o1", total: 5 });
  const { updatedAt: _, ...tracked } = states.get("orders", "o1") ?? {};
  assert.deepEqual(tracked, {
    id: "o1",
    resourceType: "orders",
    currentState: "paid",
    previousState: "new",
    data: { id: "o1", total: 5 },
  });
  assert.deepEqual(changes, ["new", "paid"]);
  assert.ok(
    app.logs.some(({ message }) => /"others" is not tracked/.test(message)),
  );
});

Deno.test("state.connector fills the tracker again after a restart", async () => {
  const store = memoryStore();
  {
    await using app = await start({ store });
    await app.dispatch("order-processing", "pay", { id: "o1", total: 5 });
    await app.dispatch("parcel", "send", { id: "p1" });
  }
  await using app = await start({ store, modules: TRACKED });
  const states = app.service(StateTracker);
  assert.equal(states.get("order_processing", "o1")?.currentState, "paid");
  assert.equal(states.get("parcel", "p1")?.currentState, "sent");
  assert.equal(states.get("parcel", "o1"), undefined);
});

Deno.test("statemachine takes everything back when the document changes", async () => {
  await using app = await start({ modules: TRACKED });
  await app.machines.create("order-processing", "o1", {});
  await app.reload({
    modules: [{ name: "orders", type: "statemachine.engine" }, ...TRACKED],
    workflows: { statemachine: { engine: "orders", definitions: [PARCEL] } },
  });
  assert.equal(app.service(StateMachines), app.machines);
  assert.deepEqual(app.machines.definitions().map(({ name }) => name), [
    "parcel",
  ]);
  const ties = app.service(StateConnector);
  assert.equal(ties.machinesFor("order_processing"), undefined);
  assert.equal(ties.machinesFor("parcel"), app.machines);
  await assert.rejects(
    app.machines.fire("o1", "fail"),
    refusal("unknown-definition"),
  );
  await assert.rejects(
    app.dispatch("order-processing", "fail", { id: "o1" }),
    refusal("unknown-workflow"),
  );
});
