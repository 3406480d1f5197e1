/**
 * event-driven-workflow.yaml, written for the original engine, which could not
 * run it: it does what its author meant.
 */
import assert from "node:assert/strict";
import { definitions } from "../catalog.gen.ts";
import type { JsonObject } from "../engine/define.ts";
import { Broker, type Message } from "../engine/services/broker.ts";
import { EventProcessor } from "../engine/services/event_processor.ts";
import { MessageSource } from "../engine/services/message_source.ts";
import { startApplication } from "../engine/testing.ts";

const DOCUMENT = Deno.readTextFileSync(
  new URL("./compat/event-driven-workflow.yaml", import.meta.url),
);

const HANDLERS = [
  "security-alert-handler",
  "system-fault-handler",
  "user-activity-handler",
  "business-insight-handler",
];

const MINUTE_MS = 60_000;

/** Starts it, and notes what each handler is told. */
async function start() {
  const app = await startApplication({ document: DOCUMENT, definitions });
  const told: { handler: string; message: Message }[] = [];
  for (const handler of HANDLERS) {
    app.service(MessageSource, handler).onProcessed((_, message) => {
      if (message !== undefined) told.push({ handler, message });
      return Promise.resolve();
    });
  }
  const publish = async (topic: string, data: JsonObject) => {
    await app.service(Broker).publish(topic, data);
    await app.effects.advance(0);
    await app.service(EventProcessor).idle();
  };
  const summary = () =>
    told.map(({ handler, message }) => {
      const { patternId, eventsCount } = message.payload as JsonObject;
      return `${handler} ${patternId} ${eventsCount}`;
    });
  return {
    publish,
    summary,
    told,
    advance: app.effects.advance,
    request: app.request,
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

Deno.test("event-driven-workflow.yaml serves its one route", async () => {
  await using app = await start();
  const response = await app.request("POST", "/api/events", { body: {} });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).handler, "event-api");
  assert.equal((await app.request("GET", "/api/events")).status, 405);
});

const FAILED = "user.login.failed";

Deno.test("event-driven-workflow.yaml alerts once of three failed sign-ins of a session", async () => {
  await using app = await start();
  for (const at of [1, 2, 3]) {
    assert.deepEqual(app.told, [], `before sign-in ${at}`);
    await app.publish(FAILED, { sessionId: "s1", userId: `u${at}` });
    await app.advance(MINUTE_MS);
  }
  const [{ handler, message } = assert.fail("nobody was told")] = app.told;
  assert.equal(handler, "security-alert-handler");
  const payload = message.payload as JsonObject;
  assert.equal(payload.patternId, "login-brute-force");
  assert.equal(payload.eventsCount, 3);
  assert.equal(payload.key, "s1");
  // The events are used up: two more make no second alert, three do.
  await app.publish(FAILED, { sessionId: "s1" });
  await app.publish(FAILED, { sessionId: "s1" });
  assert.equal(app.told.length, 1);
  await app.publish(FAILED, { sessionId: "s1" });
  assert.deepEqual(app.summary(), [
    "security-alert-handler login-brute-force 3",
    "security-alert-handler login-brute-force 3",
  ]);
});

Deno.test("event-driven-workflow.yaml does not combine sessions, nor what is too far apart", async () => {
  await using app = await start();
  await app.publish(FAILED, { sessionId: "s1", userId: "ada" });
  await app.publish(FAILED, { sessionId: "s2", userId: "ada" });
  await app.publish(FAILED, { sessionId: "s1", userId: "ada" });
  await app.publish(FAILED, { sessionId: "s3", userId: "ada" });
  assert.deepEqual(app.summary(), []);
  // Exactly as old as the window is too old.
  await app.advance(5 * MINUTE_MS);
  await app.publish(FAILED, { sessionId: "s1", userId: "ada" });
  await app.publish(FAILED, { sessionId: "s1", userId: "ada" });
  assert.deepEqual(app.summary(), []);
  await app.advance(5 * MINUTE_MS - 1);
  await app.publish(FAILED, { sessionId: "s1", userId: "ada" });
  assert.deepEqual(app.summary(), [
    "security-alert-handler login-brute-force 3",
  ]);
});

Deno.test("event-driven-workflow.yaml takes the user where there is no session", async () => {
  await using app = await start();
  for (const _ of [1, 2, 3]) await app.publish(FAILED, { userId: 7 });
  assert.equal(app.told.length, 1);
});

const ORDERED = [
  {
    pattern: "critical-system-fault",
    handler: "system-fault-handler",
    key: "traceId",
    windowMs: 2 * MINUTE_MS,
    topics: ["system.error.db", "system.error.api", "system.error.auth"],
  },
  {
    pattern: "potential-data-breach",
    handler: "security-alert-handler",
    key: "sessionId",
    windowMs: 10 * MINUTE_MS,
    topics: [
      "user.permission.escalation",
      "data.access.sensitive",
      "user.unusual.location",
    ],
  },
  {
    pattern: "purchase-opportunity",
    handler: "business-insight-handler",
    key: "sessionId",
    windowMs: 30 * MINUTE_MS,
    topics: ["user.view.product", "user.add.cart", "user.abandon.cart"],
  },
];

for (const { pattern, handler, key, windowMs, topics } of ORDERED) {
  Deno.test(`event-driven-workflow.yaml fires ${pattern} for its events in order only`, async () => {
    await using app = await start();
    const happen = async (id: string, names: readonly string[]) => {
      for (const name of names) await app.publish(name, { [key]: id });
    };
    await happen("backwards", topics.toReversed());
    await happen("incomplete", topics.slice(0, 2));
    assert.deepEqual(app.summary(), []);
    await happen("in order", topics);
    assert.deepEqual(app.summary(), [`${handler} ${pattern} 3`]);
    // What began too long ago does not count.
    await happen("late", topics.slice(0, 2));
    await app.advance(windowMs);
    await happen("late", topics.slice(2));
    assert.equal(app.told.length, 1);
  });
}
