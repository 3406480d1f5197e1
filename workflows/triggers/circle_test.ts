import assert from "node:assert/strict";
import { Broker, type Message } from "@engine/services/broker.ts";
import { EventBus } from "@engine/services/event_bus.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { startApplication } from "@engine/testing.ts";
import { memoryStore } from "../../engine/store/memory.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import eventbusModule from "../../modules/eventbus/modular.ts";
import broker from "../../modules/messaging/broker.ts";
import machines from "../../modules/statemachine/engine.ts";
import publish from "../steps/publish.ts";
import sleep from "../steps/sleep.ts";
import transition from "../steps/statemachine/transition.ts";
import messaging from "../types/messaging.ts";
import statemachine from "../types/statemachine.ts";
import event from "./event.ts";
import eventbus from "./eventbus.ts";

const definitions = [
  ...[eventbusModule, broker, machines, publish, sleep, transition],
  ...[messaging, statemachine, event, eventbus],
];

const MODULES = [{ name: "broker", type: "messaging.broker" }];

const tell = (topic: string) => ({
  id: "tell",
  use: "publish",
  with: { topic, message: { from: "${{ run.pipeline }}" } },
});

const on = (topic: string, pipeline: string) => ({ topic, pipeline });

Deno.test("a pipeline that publishes what begins it is not begun by that", async () => {
  await using app = await startApplication({
    document: {
      modules: MODULES,
      triggers: { event: { subscriptions: [on("news", "echo")] } },
      pipelines: { echo: { steps: [tell("news")] } },
    },
    definitions,
  });
  const got = collect(app.service(Broker));
  await app.service(Broker).publish("news", {});
  await app.effects.advance(60_000);
  assert.deepEqual(got.map(({ via }) => via), [
    undefined,
    ["pipeline:test/echo"],
  ]);
  const told = app.logs.filter(({ level }) => level === "warn");
  assert.deepEqual(told.map(({ message }) => message), [
    'A run of "echo" has led to a message on "news": the pipeline is not ' +
    "begun again by it",
  ]);
});

Deno.test("what a caller begins again and again is begun each time", async () => {
  await using app = await startApplication({
    document: {
      modules: MODULES,
      triggers: { event: { subscriptions: [on("news", "echo")] } },
      pipelines: { echo: { steps: [tell("other")] } },
    },
    definitions,
  });
  const got = collect(app.service(Broker), "other");
  for (let n = 0; n < 3; n++) await app.service(Broker).publish("news", {});
  await app.effects.advance(60_000);
  assert.equal(got.length, 3);
});

Deno.test("a circle through a pipeline within another ends", async () => {
  await using app = await startApplication({
    document: {
      modules: MODULES,
      triggers: {
        event: { subscriptions: [on("one", "outer"), on("two", "other")] },
      },
      pipelines: {
        outer: { steps: [{ id: "in", use: "pipeline:inner" }] },
        inner: { steps: [tell("two")] },
        other: { steps: [tell("one")] },
      },
    },
    definitions,
  });
  const got = collect(app.service(Broker));
  await app.service(Broker).publish("one", {});
  await app.effects.advance(60_000);
  assert.deepEqual(got.map(({ topic }) => topic), ["one", "two", "one"]);
  assert.deepEqual(got[2]?.via, [
    "pipeline:test/outer",
    "pipeline:test/inner",
    "pipeline:test/other",
  ]);
});

Deno.test("a circle through a state machine and a pipeline ends", async () => {
  await using app = await startApplication({
    document: {
      modules: [...MODULES, { name: "engine", type: "statemachine.engine" }],
      workflows: {
        messaging: { broker: "broker" },
        statemachine: {
          definitions: [{
            name: "lamp",
            initialState: "off",
            states: { off: {}, on: {} },
            transitions: {
              light: { fromState: "off", toState: "on" },
              dim: {
                fromState: "on",
                toState: "off",
                autoTransform: true,
              },
            },
          }],
        },
      },
      triggers: { event: { subscriptions: [on("lamp.off", "again")] } },
      pipelines: {
        again: {
          steps: [{
            id: "light",
            use: "statemachine.transition",
            with: { definition: "lamp", id: "l", transition: "light" },
          }],
        },
      },
    },
    definitions,
  });
  await app.dispatch("lamp", "light", { id: "l" });
  await app.effects.advance(600_000);
  const history = await app.service(StateMachines).history("l");
  assert.deepEqual(history.map(({ toState }) => toState), [
    ...["off", "on", "off"],
    ...["on", "off"],
  ]);
});

Deno.test("what led to a run is known after a restart", async () => {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const document = {
    modules: MODULES,
    triggers: { event: { subscriptions: [on("news", "echo")] } },
    pipelines: {
      echo: {
        steps: [{ id: "wait", wait: { for: "10s" } }, tell("news")],
      },
    },
  };
  const first = await startApplication({
    ...{ document, definitions, effects, store },
  });
  await first.dispatch("echo", "start", {}, { via: ["link:a"] });
  await first.stop();
  await using app = await startApplication({
    ...{ document, definitions, effects, store },
  });
  const got = collect(app.service(Broker));
  await effects.advance(20_000);
  assert.deepEqual(got.map(({ via }) => via), [
    ["link:a", "pipeline:test/echo"],
  ]);
});

Deno.test("a pipeline that an event on the bus begins does not go round", async () => {
  await using app = await startApplication({
    document: {
      modules: [{ name: "bus", type: "eventbus.modular" }],
      triggers: { eventbus: { subscriptions: [on("news", "echo")] } },
      pipelines: { echo: { steps: [tell("news")] } },
    },
    definitions,
  });
  // The bus also tells how the run goes, which is not what goes round.
  const got = collect(app.service(EventBus), "news");
  await app.service(EventBus).publish("news", {});
  await app.effects.advance(60_000);
  assert.equal(got.length, 2);
});

function collect(broker: Broker, pattern = "**"): Message[] {
  const got: Message[] = [];
  broker.subscribe(pattern, (message) => void got.push(message));
  return got;
}
