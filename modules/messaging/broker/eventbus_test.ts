import assert from "node:assert/strict";
import { ConfigError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker, type Message } from "@engine/services/broker.ts";
import { EventBus } from "@engine/services/event_bus.ts";
import { startApplication } from "@engine/testing.ts";
import eventTrigger from "../../../workflows/triggers/event.ts";
import messaging from "../../../workflows/types/messaging.ts";
import statemachine from "../../../workflows/types/statemachine.ts";
import eventbus from "../../eventbus/modular.ts";
import machines from "../../statemachine/engine.ts";
import handler from "../handler.ts";
import bridge from "./eventbus.ts";

const NAME = "messaging.broker.eventbus";

function start(document: Readonly<Record<string, unknown>> = {}) {
  return startApplication({
    document: {
      modules: [
        { name: "bus", type: "eventbus.modular" },
        { name: NAME, type: "messaging.broker.eventbus" },
        ...(document.modules as unknown[] ?? []),
      ],
      ...(document.workflows ? { workflows: document.workflows } : {}),
      ...(document.triggers ? { triggers: document.triggers } : {}),
    },
    definitions: [
      ...[bridge, eventbus, handler, messaging],
      ...[machines, statemachine, eventTrigger],
    ],
  });
}

Deno.test("messaging.broker.eventbus publishes on the event bus and subscribes to it", async () => {
  await using app = await start();
  const bus = app.service(EventBus);
  const broker = app.service(Broker, NAME);
  const onBus: Message[] = [];
  const onBroker: Message[] = [];
  bus.subscribe("order.*", (message) => void onBus.push(message));
  broker.subscribe("order.*", (message) => void onBroker.push(message));
  await broker.publish("order.paid", { n: 1 }, { via: ["link:a"] });
  await bus.publish("order.sent", "2");
  await app.effects.advance(1);
  // The very same messages, each once.
  assert.deepEqual(onBus, onBroker);
  assert.deepEqual(
    onBroker.map(({ topic, payload, via }) => ({ topic, payload, via })),
    [
      { topic: "order.paid", payload: { n: 1 }, via: ["link:a"] },
      { topic: "order.sent", payload: "2", via: undefined },
    ],
  );
});

Deno.test("messaging.broker.eventbus keeps every subscription of a topic until it is ended", async () => {
  await using app = await start();
  const bus = app.service(EventBus);
  const broker = app.service(Broker, NAME);
  const got: string[] = [];
  const endOne = broker.subscribe("a.b", () => void got.push("one"));
  const endTwo = broker.subscribe("a.b", () => void got.push("two"));
  await broker.publish("a.b", 1);
  await app.effects.advance(1);
  endOne();
  await broker.publish("a.b", 2);
  await app.effects.advance(1);
  assert.deepEqual(got, ["one", "two", "two"]);
  endTwo();
  assert.equal(bus.isHeard("a.b"), false);
});

Deno.test("messaging.broker.eventbus is what the event trigger finds by its name", async () => {
  await using app = await start({
    modules: [{
      name: "orders",
      type: "statemachine.engine",
      config: { broker: "bus" },
    }],
    workflows: {
      statemachine: {
        definitions: [{
          name: "order",
          initialState: "new",
          states: { new: {}, paid: {} },
          transitions: { pay: { fromState: "new", toState: "paid" } },
        }],
      },
    },
    triggers: {
      event: {
        subscriptions: [
          { topic: "payment.done", workflow: "order", action: "pay" },
        ],
      },
    },
  });
  // The trigger does not have to guess.
  assert.ok(!app.logs.some(({ message }) => message.includes("several")));
  const moved: string[] = [];
  const bus = app.service(EventBus);
  bus.subscribe("order.*", ({ topic }) => void moved.push(topic));
  await bus.publish("payment.done", { id: "o1" });
  await app.effects.advance(1);
  assert.deepEqual(moved, ["order.paid", "order.state_changed"]);
});

Deno.test("messaging.broker.eventbus sends nothing round a loop of the document", async () => {
  await using app = await start({
    modules: [{ name: "echo", type: "messaging.handler" }],
    workflows: {
      messaging: {
        broker: NAME,
        subscriptions: [{ topic: "round.*", handler: "echo" }],
        producers: [{ name: "echo", forwardTo: ["round.again"] }],
      },
    },
  });
  const got: string[] = [];
  app.service(EventBus).subscribe(
    "round.*",
    ({ topic }) => void got.push(topic),
  );
  await app.service(Broker, NAME).publish("round.first", 1);
  await app.effects.advance(1_000);
  assert.deepEqual(got, ["round.first", "round.again"]);
});

Deno.test("messaging.broker.eventbus uses the bus that a reload has put in place", async () => {
  await using app = await start();
  await app.reload({
    modules: [
      { name: "bus", type: "eventbus.modular", config: { workerCount: 2 } },
      { name: NAME, type: "messaging.broker.eventbus" },
    ],
  });
  const got: unknown[] = [];
  app.service(EventBus).subscribe("a", ({ payload }) => void got.push(payload));
  const actions = app.service(Actions, NAME);
  const answer = await actions.act("publish", { topic: "a", message: 1 }, {
    signal: new AbortController().signal,
    idempotencyKey: "key",
  });
  await app.effects.advance(1);
  assert.deepEqual(answer, { topic: "a" });
  assert.deepEqual(got, [1]);
});

Deno.test("messaging.broker.eventbus needs an event bus in the document", async () => {
  await assert.rejects(
    startApplication({
      document: {
        modules: [{ name: NAME, type: "messaging.broker.eventbus" }],
      },
      definitions: [bridge],
    }),
    (error: Error) =>
      error instanceof ConfigError && /needs a module/.test(error.message),
  );
});
