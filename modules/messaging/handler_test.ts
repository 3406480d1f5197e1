import assert from "node:assert/strict";
import { Broker, type Message } from "@engine/services/broker.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { MessageSource } from "@engine/services/message_source.ts";
import { startApplication } from "@engine/testing.ts";
import messaging from "../../workflows/types/messaging.ts";
import broker from "./broker.ts";
import handler, { PAYLOAD_CHARACTERS_LOGGED } from "./handler.ts";

const definitions = [broker, handler, messaging];

function start(
  config: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
) {
  return startApplication({
    document: {
      modules: [
        { name: "log", type: "messaging.handler", config },
        { name: "events", type: "messaging.broker" },
      ],
      ...more,
    },
    definitions,
  });
}

/** A turn of the event loop, before which every promise that can settles. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function message(payload: Message["payload"]): Message {
  return { id: "m1", topic: "orders", payload, publishedAt: 0, attempt: 1 };
}

type App = Awaited<ReturnType<typeof start>>;

function logged(app: App) {
  return app.logs.filter(({ message }) => message.startsWith("Message on"));
}

Deno.test("messaging.handler logs a message with its topic and no payload", async () => {
  await using app = await start({});
  await app.service(MessageHandler).receive(message({ total: 7 }));
  const [line] = logged(app);
  assert.equal(line?.level, "info");
  assert.equal(line?.message, 'Message on "orders"');
  const { topic, messageId, characters, payload } = line?.fields ?? {};
  assert.deepEqual([topic, messageId, characters, payload], [
    "orders",
    "m1",
    11,
    undefined,
  ]);
});

Deno.test("messaging.handler logs the start of a payload where it is told to", async () => {
  await using app = await start({ logPayload: true });
  await app.service(MessageHandler).receive(message("x".repeat(10_000)));
  const { fields } = logged(app)[0]!;
  assert.equal(fields.characters, 10_002);
  assert.equal(
    fields.payload,
    `"${"x".repeat(PAYLOAD_CHARACTERS_LOGGED - 1)}…`,
  );
});

Deno.test("messaging.handler tells whoever forwards, one after the other", async () => {
  await using app = await start({});
  const source = app.service(MessageSource, "log");
  const got: unknown[] = [];
  const forward = async (payload: unknown, cause?: Message) => {
    await settle();
    got.push([payload, cause?.id]);
  };
  const end = source.onProcessed(forward);
  source.onProcessed(forward);
  await app.service(MessageHandler).receive(message(1));
  assert.deepEqual(got, [[1, "m1"], [1, "m1"]]);
  end();
  end();
  await app.service(MessageHandler).receive(message(2));
  assert.deepEqual(got.length, 3, "one of the two is left");
});

Deno.test("messaging.handler calls every forwarder although one fails", async () => {
  await using app = await start({});
  const source = app.service(MessageSource, "log");
  const got: unknown[] = [];
  source.onProcessed(() => Promise.reject(new Error("first")));
  source.onProcessed((payload) => Promise.resolve(void got.push(payload)));
  await assert.rejects(
    async () => await app.service(MessageHandler).receive(message(1)),
    { message: "first" },
  );
  source.onProcessed(() => Promise.reject(new Error("third")));
  await assert.rejects(
    async () => await app.service(MessageHandler).receive(message(2)),
    { name: "AggregateError" },
  );
  assert.deepEqual(got, [1, 2]);
});

Deno.test("messaging.handler subscribes to its topic by itself", async () => {
  await using app = await start({ topic: "order.*" });
  await app.service(Broker).publish("order.completed", 1);
  await settle();
  assert.equal(logged(app).length, 1);
});

Deno.test("messaging.handler leaves its topic to the section that states it", async () => {
  const section = (topic: string) => ({
    workflows: { messaging: { subscriptions: [{ topic, handler: "log" }] } },
  });
  // Equal, wider and narrower: in each case every message comes once.
  for (const topic of ["order.completed", "order.*", "**"]) {
    await using app = await start({ topic: "order.completed" }, section(topic));
    await app.service(Broker).publish("order.completed", 1);
    await settle();
    assert.equal(logged(app).length, 1, topic);
  }
  await using app = await start({ topic: "order.*" }, section("order.failed"));
  for (const topic of ["order.completed", "order.failed"]) {
    await app.service(Broker).publish(topic, 1);
  }
  await settle();
  assert.deepEqual(
    logged(app).map(({ fields }) => fields.topic).toSorted(),
    ["order.completed", "order.failed"],
  );
});

Deno.test("messaging.handler takes its topic from the broker it names", async () => {
  await using app = await startApplication({
    document: {
      modules: [
        { name: "first", type: "messaging.broker" },
        { name: "second", type: "messaging.broker" },
        {
          name: "log",
          type: "messaging.handler",
          config: { topic: "orders", broker: "second", logPayload: true },
        },
      ],
    },
    definitions,
  });
  await app.service(Broker, "first").publish("orders", 1);
  await app.service(Broker, "second").publish("orders", 2);
  await settle();
  assert.deepEqual(logged(app).map(({ fields }) => fields.payload), ["2"]);
});

Deno.test("messaging.handler says that a topic needs a broker", async () => {
  await using app = await startApplication({
    document: {
      modules: [
        { name: "log", type: "messaging.handler", config: { topic: "orders" } },
      ],
    },
    definitions,
  });
  assert.ok(app.logs.some(({ level, message }) =>
    level === "warn" &&
    message === '"topic" has no effect: the document has no broker for "orders"'
  ));
});

Deno.test("messaging.handler takes its topic once after a reload", async () => {
  const document = (topic: string) => ({
    modules: [
      { name: "log", type: "messaging.handler", config: { topic } },
      { name: "events", type: "messaging.broker" },
    ],
  });
  await using app = await startApplication({
    document: document("old"),
    definitions,
  });
  await app.reload(document("new"));
  for (const topic of ["old", "new"]) {
    await app.service(Broker).publish(topic, 1);
  }
  await settle();
  assert.deepEqual(logged(app).map(({ fields }) => fields.topic), ["new"]);
});
