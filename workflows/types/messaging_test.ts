import assert from "node:assert/strict";
import { ConfigError } from "@engine/errors.ts";
import { Broker } from "@engine/services/broker.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { MessageSource } from "@engine/services/message_source.ts";
import { startApplication } from "@engine/testing.ts";
import broker from "../../modules/messaging/broker.ts";
import handler from "../../modules/messaging/handler.ts";
import messaging from "./messaging.ts";

const definitions = [broker, handler, messaging];

/** One broker and handlers, with the section under test. */
function document(
  section: Readonly<Record<string, unknown>>,
  handlers: readonly string[] = ["a", "b", "c"],
) {
  return {
    modules: [
      { name: "events", type: "messaging.broker" },
      ...handlers.map((name) => ({
        name,
        type: "messaging.handler",
        config: { logPayload: true },
      })),
    ],
    workflows: { messaging: section },
  };
}

function start(
  section: Readonly<Record<string, unknown>>,
  handlers?: readonly string[],
) {
  return startApplication({
    document: document(section, handlers),
    definitions,
  });
}

/** A turn of the event loop, before which every promise that can settles. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

type App = Awaited<ReturnType<typeof start>>;

/** Who got what, in order: `handler topic payload`. */
function received(app: App): string[] {
  return app.logs
    .filter(({ message }) => message.startsWith("Message on"))
    .map(({ fields }) => `${fields.module} ${fields.topic} ${fields.payload}`);
}

function notices(app: App): string[] {
  return app.events
    .filter(({ kind }) => kind === "notice")
    .map(({ message }) => message);
}

Deno.test("messaging delivers a topic to each of its handlers, in order", async () => {
  await using app = await start({
    subscriptions: [
      { topic: "orders", handler: "b" },
      { topic: "orders", handler: "a" },
      { topic: "other", handler: "c" },
    ],
  });
  await app.service(Broker).publish("orders", 1);
  await settle();
  assert.deepEqual(received(app), ["b orders 1", "a orders 1"]);
});

Deno.test("messaging forwards what a handler has processed to every topic", async () => {
  await using app = await start({
    subscriptions: [
      { topic: "raw", handler: "a" },
      { topic: "valid", handler: "b" },
      { topic: "errors", handler: "c" },
      { topic: "more", handler: "c" },
    ],
    producers: [
      { name: "a", forwardTo: ["valid", "errors"] },
      { name: "b", topic: "more" },
    ],
  });
  await app.service(Broker).publish("raw", { id: 7 });
  await settle();
  assert.deepEqual(received(app).toSorted(), [
    'a raw {"id":7}',
    'b valid {"id":7}',
    'c errors {"id":7}',
    'c more {"id":7}',
  ]);
});

Deno.test("messaging forwards once to a topic that is listed twice", async () => {
  await using app = await start({
    subscriptions: [
      { topic: "raw", handler: "a" },
      { topic: "valid", handler: "b" },
    ],
    producers: [{ name: "a", forwardTo: ["valid", "valid"], topic: "valid" }],
  });
  await app.service(Broker).publish("raw", 1);
  await settle();
  assert.deepEqual(received(app), ["a raw 1", "b valid 1"]);
});

Deno.test("messaging cuts a loop where it closes, and says so once", async () => {
  await using app = await start({
    subscriptions: [
      { topic: "ping", handler: "a" },
      { topic: "pong", handler: "b" },
    ],
    producers: [
      { name: "a", forwardTo: ["pong"] },
      { name: "b", forwardTo: ["ping"] },
    ],
  });
  await app.service(Broker).publish("ping", 1);
  await app.service(Broker).publish("ping", 2);
  await settle();
  assert.deepEqual(received(app).toSorted(), [
    "a ping 1",
    "a ping 1",
    "a ping 2",
    "a ping 2",
    "b pong 1",
    "b pong 2",
  ]);
  assert.deepEqual(notices(app), [
    '"a" is not forwarding what it has forwarded before: ' +
    'its topics lead back to "ping"',
  ]);
});

Deno.test("messaging cuts a loop that branches before it grows", async () => {
  await using app = await start({
    subscriptions: [
      { topic: "left", handler: "a" },
      { topic: "right", handler: "a" },
    ],
    producers: [{ name: "a", forwardTo: ["left", "right"] }],
  });
  await app.service(Broker).publish("left", 1);
  await settle();
  assert.deepEqual(received(app).toSorted(), [
    "a left 1",
    "a left 1",
    "a right 1",
  ]);
});

Deno.test("messaging leaves out names that resolve to nothing", async () => {
  await using app = await start({
    subscriptions: [
      { topic: "orders", handler: "nobody" },
      { topic: "orders", handler: "a" },
    ],
    producers: [
      { name: "nothing", forwardTo: ["other"] },
      { name: "a", forwardTo: ["more"] },
    ],
  });
  assert.deepEqual(notices(app), [
    'Nobody takes "orders": no message handler is "nobody"',
    'Nothing is forwarded to "other": no module "nothing" yields messages',
  ]);
  await app.service(Broker).publish("orders", 1);
  await settle();
  assert.deepEqual(received(app), ["a orders 1"]);
});

Deno.test("messaging passes over a producer that yields no messages", async () => {
  const section = { producers: [{ name: "events", forwardTo: ["other"] }] };
  await using app = await start(section);
  assert.deepEqual(notices(app), [
    'Nothing is forwarded to "other": no module "events" yields messages',
  ]);
  await assert.rejects(
    startApplication({
      document: document(section),
      definitions,
      strict: true,
    }),
    ConfigError,
  );
  // Without a handler a subscription has no sense at all.
  await assert.rejects(
    start({ subscriptions: [{ topic: "t", handler: "events" }] }),
    ConfigError,
  );
});

Deno.test("messaging refuses to forward to a pattern", async () => {
  for (const topic of ["order.*", "*", "**.late", "a.**.b", ""]) {
    await assert.rejects(
      start({ producers: [{ name: "a", forwardTo: [topic] }] }),
      ConfigError,
      topic,
    );
  }
  await using app = await start({
    producers: [{ name: "a", forwardTo: ["a*b", "*a.b*", "plain"] }],
  });
  assert.equal(app.application.phase, "running");
});

Deno.test("messaging needs a broker", async () => {
  await assert.rejects(
    startApplication({
      document: {
        modules: [{ name: "a", type: "messaging.handler" }],
        workflows: {
          messaging: { subscriptions: [{ topic: "orders", handler: "a" }] },
        },
      },
      definitions,
    }),
    (error) =>
      error instanceof ConfigError &&
      error.problems.some(({ code }) => code === "missing-module"),
  );
});

Deno.test("messaging ties handlers to the broker that it names", async () => {
  await using app = await startApplication({
    document: {
      modules: [
        { name: "first", type: "messaging.broker" },
        { name: "second", type: "messaging.broker" },
        { name: "a", type: "messaging.handler", config: { logPayload: true } },
      ],
      workflows: {
        messaging: {
          broker: "second",
          subscriptions: [{ topic: "orders", handler: "a" }],
        },
      },
    },
    definitions,
  });
  await app.service(Broker, "first").publish("orders", 1);
  await app.service(Broker, "second").publish("orders", 2);
  await settle();
  assert.deepEqual(received(app), ["a orders 2"]);
});

Deno.test("messaging publishes data.message, or all of the data", async () => {
  await using app = await start({
    subscriptions: [{ topic: "**", handler: "a" }],
  });
  assert.deepEqual(
    await app.dispatch("messaging", "orders", { message: "hé" }),
    {
      success: true,
      broker: "events",
      topic: "orders",
      length: 3,
    },
  );
  const all = await app.dispatch("messaging", "orders", { id: 7 });
  assert.equal(all.length, 8);
  await app.dispatch("messaging", "orders", { message: null });
  await settle();
  assert.deepEqual(received(app), [
    'a orders "hé"',
    'a orders {"id":7}',
    "a orders null",
  ]);
});

Deno.test("messaging publishes on the broker of the action, else of the data", async () => {
  await using app = await startApplication({
    document: {
      modules: ["first", "second", "third"].map((name) => ({
        name,
        type: "messaging.broker",
      })),
      workflows: { messaging: { broker: "first" } },
    },
    definitions,
  });
  const data = { message: 1, broker: "third" };
  const used = async (
    action: string,
    given: typeof data | { message: number },
  ) => (await app.dispatch("messaging", action, given)).broker;
  assert.equal(await used("second:orders", data), "second");
  assert.equal(await used("orders", data), "third");
  assert.equal(await used("orders", { message: 1 }), "first");
});

Deno.test("messaging refuses an unknown broker and what is no topic", async () => {
  await using app = await start({});
  await assert.rejects(app.dispatch("messaging", "nobody:orders", {}), {
    name: "RefusedError",
    code: "not-found",
    message: 'Cannot publish to "orders": no broker is called "nobody"',
  });
  for (const action of ["", "events:", "order.*"]) {
    await assert.rejects(
      app.dispatch("messaging", action, {}),
      { name: "RefusedError", code: "invalid-input" },
      action,
    );
  }
});

Deno.test("messaging loses nothing that is queued when it is rewired", async () => {
  // The first message is under way and two wait while the section is replaced.
  const subscriptions = [{ topic: "orders", handler: "a" }];
  await using app = await start({ subscriptions });
  const { promise, resolve } = Promise.withResolvers<void>();
  app.service(MessageSource, "a").onProcessed(() => promise);
  const broker = app.service(Broker);
  for (const n of [1, 2, 3]) await broker.publish("orders", n);
  await app.reload(document({
    subscriptions: [...subscriptions, { topic: "more", handler: "b" }],
    producers: [{ name: "a", forwardTo: ["more"] }],
  }));
  await broker.publish("orders", 4);
  await settle();
  assert.deepEqual(received(app), ["a orders 1"]);
  resolve();
  await settle();
  const [taken, forwarded] = ["a orders", "b more"].map((start) =>
    received(app).filter((line) => line.startsWith(start))
  );
  assert.deepEqual(taken, [1, 2, 3, 4].map((n) => `a orders ${n}`));
  assert.deepEqual(forwarded, [2, 3, 4].map((n) => `b more ${n}`));
});

Deno.test("messaging stops to deliver and to forward what a reload takes out", async () => {
  await using app = await start({
    subscriptions: [
      { topic: "orders", handler: "a" },
      { topic: "more", handler: "b" },
    ],
    producers: [{ name: "a", forwardTo: ["more"] }],
  });
  await app.reload(document({
    subscriptions: [{ topic: "more", handler: "b" }],
  }));
  await app.service(Broker).publish("orders", 1);
  const taker = app.service(MessageHandler, "a");
  await taker.receive({
    id: "m",
    topic: "x",
    payload: 1,
    publishedAt: 0,
    attempt: 1,
  });
  await settle();
  assert.deepEqual(received(app), ["a x 1"]);
});
