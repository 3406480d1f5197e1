import assert from "node:assert/strict";
import { z } from "zod";
import { defineWorkflowType, type JsonObject } from "@engine/define.ts";
import { ConfigError, RefusedError } from "@engine/errors.ts";
import { Broker } from "@engine/services/broker.ts";
import { startApplication } from "@engine/testing.ts";
import broker from "../../modules/messaging/broker.ts";
import event from "./event.ts";

/** A workflow that keeps what it is asked, and says no to `refuse`. */
function recorder(asked: [string, JsonObject][]) {
  return defineWorkflowType({
    type: "test",
    summary: "Keeps what it is asked",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      execute(action, data) {
        if (action === "refuse") {
          throw new RefusedError("wrong-state", "not now");
        }
        if (action === "fail") throw new Error("broken");
        asked.push([action, data]);
        return Promise.resolve({});
      },
    }),
  });
}

async function start(
  subscriptions: readonly Readonly<Record<string, unknown>>[],
  more: Readonly<Record<string, unknown>> = {},
  brokers: readonly string[] = ["events"],
) {
  const asked: [string, JsonObject][] = [];
  const app = await startApplication({
    document: {
      modules: brokers.map((name) => ({ name, type: "messaging.broker" })),
      workflows: { test: {} },
      triggers: { event: { subscriptions, ...more } },
    },
    definitions: [broker, event, recorder(asked)],
  });
  return {
    app,
    asked,
    async publish(topic: string, payload: unknown, name?: string) {
      const target = app.service(Broker, name);
      await target.publish(topic, payload as JsonObject);
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const ORDER = { topic: "orders", workflow: "test", action: "take" };

Deno.test("event runs a workflow with the fields of the message", async () => {
  await using test = await start([ORDER]);
  await test.publish("orders", { id: "o1", type: "order.created" });
  assert.deepEqual(test.asked, [["take", {
    id: "o1",
    type: "order.created",
    originalMessage: '{"id":"o1","type":"order.created"}',
  }]]);
});

Deno.test("event reads a text as JSON and keeps it as it came", async () => {
  await using test = await start([ORDER]);
  await test.publish("orders", '{ "id": "o1" }');
  assert.deepEqual(test.asked[0]?.[1], {
    id: "o1",
    originalMessage: '{ "id": "o1" }',
  });
});

Deno.test("event lets params take precedence over the message", async () => {
  await using test = await start([{
    ...ORDER,
    params: { id: "fixed", originalMessage: "none", more: [1] },
  }]);
  await test.publish("orders", { id: "o1", name: "x" });
  assert.deepEqual(test.asked[0]?.[1], {
    id: "fixed",
    name: "x",
    originalMessage: "none",
    more: [1],
  });
});

Deno.test("event passes only messages of its type, by any of their marks", async () => {
  await using test = await start([{ ...ORDER, topic: "**", event: "made" }]);
  await test.publish("orders", { n: 1, type: "made" });
  await test.publish("orders", { n: 2, eventType: "made" });
  await test.publish("made", { n: 3 });
  await test.publish("orders", { n: 4, type: "lost", eventType: "made" });
  await test.publish("made", { n: 5, type: "lost" });
  await test.publish("orders", { n: 6 });
  assert.deepEqual(test.asked.map(([, { n }]) => n), [1, 2, 3]);
  const isQuiet = !test.app.events.some(({ kind }) => kind === "notice");
  assert.ok(isQuiet, "a message of another type is no trouble");
});

Deno.test("event refuses messages that are no JSON objects", async () => {
  await using test = await start([ORDER]);
  for (const payload of ["hello", "[1]", null, 7, [1]]) {
    await test.publish("orders", payload);
  }
  assert.deepEqual(test.asked, []);
  const errors = test.app.logs.filter(({ level }) => level === "error");
  assert.equal(errors.length, 5);
  assert.equal(
    errors[0]?.message,
    '"trigger test.take" failed to handle a message: ' +
      'Cannot run a workflow for a message on "orders": it is not a JSON object',
  );
});

Deno.test("event logs a refusal and goes on", async () => {
  await using test = await start([
    { ...ORDER, action: "refuse" },
    { ...ORDER, workflow: "unknown" },
    ORDER,
  ]);
  await test.publish("orders", { id: 1 });
  await test.publish("orders", { id: 2 });
  assert.equal(test.asked.length, 2);
  const notices = test.app.events.filter(({ kind }) => kind === "notice");
  assert.equal(notices.length, 4);
  assert.equal(notices[0]?.message, 'test refused "refuse": not now');
  assert.equal(notices[0]?.code, "wrong-state");
  assert.equal(notices[1]?.code, "unknown-workflow");
  const { logs } = test.app;
  const warnings = logs.filter(({ level }) => level === "warn");
  assert.equal(warnings.filter(({ fields }) => fields.topic).length, 4);
  assert.equal(logs.filter(({ level }) => level === "error").length, 0);
});

Deno.test("event leaves an error of the workflow to the broker", async () => {
  await using test = await start([{ ...ORDER, action: "fail" }, ORDER]);
  await test.publish("orders", { id: 1 });
  assert.equal(test.asked.length, 1);
  assert.ok(
    test.app.logs.some(({ level, message }) =>
      level === "error" && /broken$/.test(message)
    ),
  );
});

Deno.test("event finds its broker by name, by custom, or as the only one", async () => {
  const brokers = ["first", "event-broker", "third"];
  for (
    const [more, expected] of [
      [{}, "event-broker"],
      [{ broker: "third" }, "third"],
    ] as const
  ) {
    await using test = await start([ORDER], more, brokers);
    for (const name of brokers) await test.publish("orders", { name }, name);
    assert.deepEqual(test.asked.map(([, { name }]) => name), [expected]);
  }
  await using only = await start([ORDER], {}, ["order-broker"]);
  await only.publish("orders", {});
  assert.equal(only.asked.length, 1);
});

Deno.test("event needs a broker", async () => {
  await assert.rejects(
    start([ORDER], {}, []),
    (error) =>
      error instanceof ConfigError &&
      error.problems.some(({ code }) => code === "missing-module"),
  );
});

Deno.test("event refuses a subscription without topic, workflow or action", async () => {
  for (const key of ["topic", "workflow", "action"] as const) {
    const { [key]: _, ...rest } = ORDER;
    await assert.rejects(start([rest]), ConfigError, key);
  }
});

Deno.test("event stops to run workflows that a reload takes out", async () => {
  await using test = await start([ORDER]);
  await test.app.reload({
    modules: [{ name: "events", type: "messaging.broker" }],
    workflows: { test: {} },
  });
  await test.publish("orders", { id: 1 });
  assert.deepEqual(test.asked, []);
});
