import assert from "node:assert/strict";
import { z } from "zod";
import { defineWorkflowType, type JsonObject } from "@engine/define.ts";
import { ConfigError } from "@engine/errors.ts";
import { Broker } from "@engine/services/broker.ts";
import { startApplication } from "@engine/testing.ts";
import eventbus from "../../modules/eventbus/modular.ts";
import messaging from "../../modules/messaging/broker.ts";
import trigger from "./eventbus.ts";

async function start(
  subscriptions: readonly Readonly<Record<string, unknown>>[],
  { modules = [{ name: "bus", type: "eventbus.modular" }], ...more }: {
    readonly modules?: readonly { name: string; type: string }[];
    readonly broker?: string;
  } = {},
  work: (data: JsonObject) => Promise<void> = () => Promise.resolve(),
) {
  const asked: JsonObject[] = [];
  const recorder = defineWorkflowType({
    type: "test",
    summary: "Keeps what it is asked",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      async execute(_action, data) {
        asked.push(data);
        await work(data);
        return {};
      },
    }),
  });
  const app = await startApplication({
    document: {
      modules,
      workflows: { test: {} },
      triggers: { eventbus: { subscriptions, ...more } },
    },
    definitions: [eventbus, messaging, trigger, recorder],
  });
  return {
    app,
    asked,
    async publish(topic: string, payload: JsonObject | string, name?: string) {
      await app.service(Broker, name).publish(topic, payload);
      await app.effects.advance(1);
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const ORDER = { topic: "order.*", workflow: "test", action: "take" };

Deno.test("eventbus runs a workflow with the fields of the event alone", async () => {
  await using test = await start([ORDER]);
  await test.publish("order.made", { id: 1 });
  await test.publish("order.made", '{"id":2}');
  assert.deepEqual(test.asked, [{ id: 1 }, { id: 2 }]);
});

Deno.test("eventbus reads a final * as all that follows", async () => {
  await using test = await start([ORDER]);
  for (const topic of ["order.made", "order.made.late", "order", "orders.x"]) {
    await test.publish(topic, { topic });
  }
  assert.deepEqual(test.asked.map(({ topic }) => topic), [
    "order.made",
    "order.made.late",
  ]);
});

Deno.test("eventbus shows params to nobody else", async () => {
  await using test = await start([
    { ...ORDER, params: { mine: true, id: 9 } },
    ORDER,
  ]);
  const event = { id: 1 };
  await test.publish("order.made", event);
  assert.deepEqual(test.asked, [{ id: 9, mine: true }, { id: 1 }]);
  assert.deepEqual(event, { id: 1 });
});

Deno.test("eventbus passes only events of its type", async () => {
  await using test = await start([{ ...ORDER, event: "made" }]);
  await test.publish("order.x", { n: 1, type: "made" });
  await test.publish("order.x", { n: 2, eventType: "made" });
  await test.publish("order.x", { n: 3, type: "lost" });
  assert.deepEqual(test.asked.map(({ n }) => n), [1, 2]);
});

Deno.test("eventbus waits for a workflow before the next event, unless async", async () => {
  for (const async of [false, true]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using test = await start([{ ...ORDER, async }], {}, () => promise);
    for (const n of [1, 2, 3]) await test.publish("order.made", { n });
    assert.equal(test.asked.length, async ? 3 : 1);
    resolve();
    await test.app.effects.advance(1);
    assert.equal(test.asked.length, 3);
  }
});

Deno.test("eventbus prefers an event bus, and takes any broker without one", async () => {
  const broker = { name: "events", type: "messaging.broker" };
  const bus = { name: "bus", type: "eventbus.modular" };
  for (
    const [modules, more, expected] of [
      [[broker, bus], {}, "bus"],
      [[broker, bus], { broker: "events" }, "events"],
      [[broker], {}, "events"],
    ] as const
  ) {
    await using test = await start([ORDER], { modules, ...more });
    for (const { name } of modules) {
      await test.publish("order.made", { name }, name);
    }
    assert.deepEqual(test.asked, [{ name: expected }]);
    assert.ok(!test.app.logs.some(({ level }) => level === "warn"));
  }
  await assert.rejects(
    start([ORDER], { modules: [] }),
    (error) =>
      error instanceof ConfigError &&
      error.problems.some(({ code }) => code === "missing-module"),
  );
});
