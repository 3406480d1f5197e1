import assert from "node:assert/strict";
import { ConfigError, RetryableError } from "@engine/errors.ts";
import { Broker } from "@engine/services/broker.ts";
import { EventBus } from "@engine/services/event_bus.ts";
import { startApplication } from "@engine/testing.ts";
import { REPORT_INTERVAL_MS } from "../_memory_broker/traffic.ts";
import eventbus from "./modular.ts";

async function start(
  config: Readonly<Record<string, unknown>> = {},
  section: Readonly<Record<string, unknown>> = {},
) {
  const app = await startApplication({
    document: {
      modules: [{ name: "bus", type: "eventbus.modular", config }],
      eventbus: section,
    },
    definitions: [eventbus],
  });
  return { app, bus: app.service(EventBus), broker: app.service(Broker) };
}

/** A subscriber that handles nothing until it is let go. */
function stuck() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const got: unknown[] = [];
  return {
    got,
    release: resolve,
    async receive({ payload }: { readonly payload: unknown }) {
      got.push(payload);
      await promise;
    },
  };
}

Deno.test("eventbus.modular is a broker with wildcards", async () => {
  const { app, broker } = await start();
  const got: string[] = [];
  broker.subscribe("user.*", ({ topic }) => void got.push(topic));
  await broker.publish("user.created", {});
  await broker.publish("user.created.late", {});
  await app.effects.advance(1);
  assert.deepEqual(got, ["user.created"]);
  await app.stop();
});

Deno.test("eventbus.modular says whether anybody listens", async () => {
  const { app, bus } = await start();
  assert.equal(bus.isHeard("a.b"), false);
  const end = bus.subscribe("a.*", () => {});
  assert.equal(bus.isHeard("a.b"), true);
  assert.equal(bus.isHeard("a"), false);
  end();
  assert.equal(bus.isHeard("a.b"), false);
  await app.stop();
});

Deno.test("eventbus.modular drops what a subscriber has no room for, with deliveryMode: drop", async () => {
  const { app, broker } = await start({
    deliveryMode: "drop",
    defaultEventBufferSize: 2,
  });
  const slow = stuck();
  const all: unknown[] = [];
  broker.subscribe("t", slow.receive, { name: "slow" });
  broker.subscribe("t", ({ payload }) => void all.push(payload));
  for (let n = 1; n <= 4; n++) {
    await broker.publish("t", n);
    await app.effects.advance(0);
  }
  slow.release();
  await app.effects.advance(REPORT_INTERVAL_MS);
  assert.deepEqual(slow.got, [1, 2]);
  assert.deepEqual(all, [1, 2, 3, 4], "nobody else loses anything");
  assert.ok(
    app.logs.some(({ message }) =>
      message ===
        '"slow" is too slow: its queue is full, 2 messages lost for it, the last one on "t"'
    ),
  );
  await app.stop();
});

Deno.test("eventbus.modular lets a publisher wait for room, as long as it takes, by default", async () => {
  const { app, broker } = await start({ defaultEventBufferSize: 1 });
  const slow = stuck();
  broker.subscribe("t", slow.receive);
  await broker.publish("t", 1);
  let isPublished = false;
  const second = broker.publish("t", 2).then(() => isPublished = true);
  await app.effects.advance(24 * 60_000);
  assert.equal(isPublished, false);
  slow.release();
  await second;
  await app.effects.advance(1);
  assert.deepEqual(slow.got, [1, 2]);
  await app.stop();
});

Deno.test("eventbus.modular lets a publisher wait for publishBlockTimeout, with deliveryMode: timeout", async () => {
  const { app, broker } = await start({
    deliveryMode: "timeout",
    publishBlockTimeout: 2,
    defaultEventBufferSize: 1,
  });
  const slow = stuck();
  broker.subscribe("t", slow.receive);
  await broker.publish("t", 1);
  const second = broker.publish("t", 2);
  const refused = assert.rejects(second, RetryableError);
  await app.effects.advance(1_999);
  await app.effects.advance(1);
  await refused;
  slow.release();
  await app.effects.advance(1);
  assert.deepEqual(slow.got, [1]);
  await app.stop();
});

Deno.test("eventbus.modular takes no more than maxEventQueueSize", async () => {
  const { app, broker } = await start({
    maxEventQueueSize: 3,
    defaultEventBufferSize: 100,
  });
  const slow = stuck();
  broker.subscribe("t", slow.receive);
  for (let n = 1; n <= 3; n++) await broker.publish("t", n);
  await assert.rejects(broker.publish("t", 4), {
    name: "RetryableError",
    message: 'Cannot publish to "t": 3 messages wait, and at most 3 may',
  });
  await broker.publish("nobody", "is no burden");
  slow.release();
  await app.effects.advance(1);
  await broker.publish("t", 5);
  await app.effects.advance(1);
  assert.deepEqual(slow.got, [1, 2, 3, 5]);
  await app.stop();
});

Deno.test("eventbus.modular does not deliver what has waited longer than eventTTL", async () => {
  const { app, broker } = await start({ eventTTL: 60 });
  const slow = stuck();
  broker.subscribe("t", slow.receive, { name: "slow" });
  for (let n = 1; n <= 3; n++) await broker.publish("t", n);
  await app.effects.advance(60_001);
  slow.release();
  await broker.publish("t", 4);
  await app.effects.advance(REPORT_INTERVAL_MS);
  assert.deepEqual(slow.got, [1, 4]);
  assert.ok(
    app.logs.some(({ message }) =>
      /^"slow" is too slow: they waited longer than they may, 2 messages lost/
        .test(message)
    ),
  );
  await app.stop();
});

Deno.test("eventbus.modular has workerCount workers for all concurrent subscribers", async () => {
  const { app, broker } = await start({ workerCount: 3 });
  const first = stuck();
  const second = stuck();
  broker.subscribe("t", first.receive, { concurrent: true });
  broker.subscribe("t", second.receive, { concurrent: true });
  for (let n = 1; n <= 4; n++) await broker.publish("t", n);
  await app.effects.advance(1);
  assert.equal(first.got.length + second.got.length, 3);
  first.release();
  second.release();
  await app.effects.advance(1);
  assert.deepEqual(first.got, [1, 2, 3, 4]);
  assert.deepEqual(second.got, [1, 2, 3, 4]);
  await app.stop();
  assert.ok(
    !app.logs.some(({ level }) => level === "error"),
    "nothing is lost",
  );
});

Deno.test("eventbus.modular takes its config from the section, and its own first", async () => {
  const { app, broker } = await start(
    { defaultEventBufferSize: 2 },
    { engine: "memory", defaultEventBufferSize: 1, deliveryMode: "drop" },
  );
  const slow = stuck();
  broker.subscribe("t", slow.receive);
  for (const n of [1, 2]) await broker.publish("t", n);
  await assert.rejects(broker.publish("t", 3), RetryableError);
  slow.release();
  await app.stop();
});

Deno.test("eventbus.modular refuses an engine that it is not", async () => {
  await assert.rejects(start({ engine: "redis" }), ConfigError);
});
