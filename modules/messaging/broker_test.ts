import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule, type Host } from "@engine/define.ts";
import { Broker, type Message } from "@engine/services/broker.ts";
import { startApplication } from "@engine/testing.ts";
import { DRAIN_MS } from "../_memory_broker/memory_broker.ts";
import { ROUTES_REMEMBERED_MAX } from "../_memory_broker/routes.ts";
import { REPORT_INTERVAL_MS } from "../_memory_broker/traffic.ts";
import {
  PUBLISH_WAIT_MS,
  QUEUE_MESSAGES_MAX,
} from "../_memory_broker/defaults.ts";
import broker from "./broker.ts";

const DOCUMENT = {
  modules: [
    { name: "events", type: "messaging.broker" },
    { name: "probe", type: "test.probe" },
  ],
};

type Measurement = readonly [string, Readonly<Record<string, string>>];

/** A broker in a running application, with what it measures. */
async function startBroker() {
  const measured: Measurement[] = [];
  let host: Host | undefined;
  const probe = defineModule({
    type: "test.probe",
    summary: "Hands its host to the test",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [],
    examples: [],
    create(_config, own) {
      host = own;
      return {};
    },
  });
  const app = await startApplication({
    document: DOCUMENT,
    definitions: [broker, probe],
  });
  host!.meter.attach((name, labels) => measured.push([name, labels]));
  return {
    app,
    broker: app.service(Broker),
    measured,
    settle,
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

/** A turn of the event loop, before which every promise that can settles. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function count(
  measured: readonly Measurement[],
  operation: string,
  status: string,
): number {
  return measured.filter(([name, labels]) =>
    name === "module_operations_total" && labels.module === "events" &&
    labels.operation === operation && labels.status === status
  ).length;
}

/** A promise that the test ends. */
function gate(): { readonly open: () => void; readonly passed: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, passed: promise };
}

async function fill(broker: Broker, topic: string): Promise<void> {
  for (let i = 0; i < QUEUE_MESSAGES_MAX; i++) await broker.publish(topic, i);
}

Deno.test("messaging.broker delivers in order of publication and of subscription", async () => {
  await using test = await startBroker();
  const got: string[] = [];
  for (const name of ["first", "second"]) {
    test.broker.subscribe("orders", ({ payload }) => {
      got.push(`${name} ${payload}`);
    });
  }
  await Promise.all([1, 2].map((n) => test.broker.publish("orders", n)));
  await test.settle();
  assert.deepEqual(got.filter((line) => line.startsWith("first")), [
    "first 1",
    "first 2",
  ]);
  assert.deepEqual(got.toSorted(), [
    "first 1",
    "first 2",
    "second 1",
    "second 2",
  ]);
  assert.equal(got[0], "first 1");
});

Deno.test("messaging.broker gives a message its id, topic, payload and time", async () => {
  await using test = await startBroker();
  const got: Message[] = [];
  test.broker.subscribe("orders", (message) => void got.push(message));
  await test.broker.publish("orders", { total: 7 }, { via: ["app/source"] });
  await test.settle();
  const [message] = got;
  assert.equal(message?.id.length, 26);
  assert.deepEqual({ ...message, id: "" }, {
    id: "",
    topic: "orders",
    attempt: 1,
    payload: { total: 7 },
    publishedAt: test.app.effects.clock.now(),
    via: ["app/source"],
  });
});

Deno.test("messaging.broker never runs a subscriber inside of publish", async () => {
  await using test = await startBroker();
  let isDelivered = false;
  test.broker.subscribe("orders", () => {
    isDelivered = true;
  });
  const accepted = test.broker.publish("orders", 1);
  assert.equal(isDelivered, false);
  await accepted;
  await test.settle();
  assert.equal(isDelivered, true);
});

Deno.test("messaging.broker does not let a stuck subscriber delay another", async () => {
  await using test = await startBroker();
  const { open, passed } = gate();
  const stuck: unknown[] = [];
  const quick: unknown[] = [];
  test.broker.subscribe("orders", async ({ payload }) => {
    await passed;
    stuck.push(payload);
  });
  test.broker.subscribe("orders", ({ payload }) => void quick.push(payload));
  await test.broker.publish("orders", 1);
  await test.broker.publish("orders", 2);
  await test.settle();
  assert.deepEqual([stuck, quick], [[], [1, 2]]);
  open();
  await test.settle();
  assert.deepEqual(stuck, [1, 2]);
});

Deno.test("messaging.broker handles one message of a subscriber at a time", async () => {
  await using test = await startBroker();
  let underWay = 0;
  let most = 0;
  test.broker.subscribe("orders", async () => {
    most = Math.max(most, ++underWay);
    await test.app.effects.clock.sleep(10);
    underWay--;
  });
  for (let i = 0; i < 3; i++) await test.broker.publish("orders", i);
  await test.app.effects.advance(100);
  assert.deepEqual([most, underWay], [1, 0]);
});

Deno.test("messaging.broker keeps a subscriber's error to itself", async () => {
  await using test = await startBroker();
  const got: unknown[] = [];
  test.broker.subscribe("orders", ({ payload }) => {
    if (payload === 1) throw new Error("no ink");
    got.push(payload);
  }, { name: "printer" });
  test.broker.subscribe("orders", () => Promise.reject(new Error("no line")), {
    name: "fax",
  });
  await test.broker.publish("orders", 1);
  await test.broker.publish("orders", 2);
  await test.app.effects.advance(REPORT_INTERVAL_MS);

  assert.deepEqual(got, [2]);
  assert.equal(count(test.measured, "publish", "success"), 2);
  assert.equal(count(test.measured, "deliver", "success"), 1);
  assert.equal(count(test.measured, "deliver", "failure"), 3);
  const errors = test.app.logs.filter(({ level }) => level === "error");
  assert.equal(errors.length, 3);
  assert.equal(
    errors[0]?.message,
    '"printer" failed to handle a message: no ink',
  );
  assert.equal(errors[0]?.fields.topic, "orders");
  const notices = test.app.events.filter(({ kind }) => kind === "notice");
  assert.deepEqual(notices.map(({ message }) => message), [
    '"printer" failed to handle 1 message: no ink',
    '"fax" failed to handle 2 messages: no line',
  ]);
});

Deno.test("messaging.broker lets a subscriber subscribe and publish", async () => {
  await using test = await startBroker();
  const got: unknown[] = [];
  test.broker.subscribe("first", async ({ payload }) => {
    test.broker.subscribe("second", (message) =>
      void got.push(message.payload));
    await test.broker.publish("second", payload);
  });
  await test.broker.publish("first", "hello");
  await test.settle();
  assert.deepEqual(got, ["hello"]);
});

Deno.test("messaging.broker delivers to patterns, also after the first message", async () => {
  await using test = await startBroker();
  const got: string[] = [];
  const listen = (pattern: string) =>
    test.broker.subscribe(pattern, ({ topic }) => {
      got.push(`${pattern} ${topic}`);
    });
  listen("order.*");
  await test.broker.publish("order.completed", null);
  const end = listen("**");
  await test.broker.publish("order.completed", null);
  end();
  await test.broker.publish("order.completed", null);
  await test.broker.publish("order", null);
  await test.settle();
  assert.deepEqual(got, [
    "order.* order.completed",
    "order.* order.completed",
    "** order.completed",
    "order.* order.completed",
  ]);
});

Deno.test("messaging.broker accepts what nobody takes and says so once", async () => {
  await using test = await startBroker();
  await test.broker.publish("unheard", 1);
  await test.broker.publish("unheard", 2);
  const lines = test.app.logs.filter(({ message }) => /Nobody/.test(message));
  assert.deepEqual(
    lines.map(({ level, message }) => `${level} ${message}`),
    ['debug Nobody subscribes to "unheard"'],
  );
  assert.equal(count(test.measured, "publish", "success"), 2);
});

Deno.test("messaging.broker refuses what is no topic and no pattern", async () => {
  await using test = await startBroker();
  for (const topic of ["", "order.*", "**", "x".repeat(1_025)]) {
    await assert.rejects(test.broker.publish(topic, 1), {
      name: "RefusedError",
      code: "invalid-input",
    }, topic);
  }
  assert.throws(() => test.broker.subscribe("", () => {}), {
    message: 'Cannot subscribe to "": it is empty',
  });
  assert.equal(count(test.measured, "publish", "failure"), 4);
});

Deno.test("messaging.broker delivers what was queued when a subscription ends", async () => {
  await using test = await startBroker();
  const got: unknown[] = [];
  const end = test.broker.subscribe("orders", ({ payload }) => {
    got.push(payload);
  });
  await Promise.all([1, 2].map((n) => test.broker.publish("orders", n)));
  end();
  await test.broker.publish("orders", 3);
  await test.settle();
  assert.deepEqual(got, [1, 2]);
});

Deno.test("messaging.broker continues a queue under the same name and pattern", async () => {
  await using test = await startBroker();
  const { open, passed } = gate();
  const got: string[] = [];
  const end = test.broker.subscribe("orders", async ({ payload }) => {
    await passed;
    got.push(`old ${payload}`);
  }, { name: "log" });
  await test.broker.publish("orders", 1);
  await test.broker.publish("orders", 2);
  await test.settle();
  end();
  const endNew = test.broker.subscribe("orders", ({ payload }) => {
    got.push(`new ${payload}`);
  }, { name: "log" });
  // To end twice must not end what goes on.
  end();
  await test.broker.publish("orders", 3);
  await test.settle();
  // The new one waits for its turn behind the message that is under way.
  assert.deepEqual(got, []);
  open();
  await test.settle();
  assert.deepEqual(got, ["old 1", "new 2", "new 3"]);
  endNew();
  await test.broker.publish("orders", 4);
  await test.settle();
  assert.equal(got.length, 3);
});

Deno.test("messaging.broker lets an implied subscription give way topic by topic", async () => {
  await using test = await startBroker();
  const got: string[] = [];
  const take = (how: string) => ({ topic }: Message) => {
    got.push(`${how} ${topic}`);
  };
  test.broker.subscribe("order.*", take("implied"), {
    name: "log",
    implied: true,
  });
  test.broker.subscribe("order.completed", take("stated"), { name: "log" });
  test.broker.subscribe("order.failed", take("other"), { name: "other" });
  for (const topic of ["order.completed", "order.failed"]) {
    await test.broker.publish(topic, null);
  }
  await test.settle();
  assert.deepEqual(got.toSorted(), [
    "implied order.failed",
    "other order.failed",
    "stated order.completed",
  ]);
});

Deno.test("messaging.broker makes a publisher wait for room in a full queue", async () => {
  await using test = await startBroker();
  const { open, passed } = gate();
  const got: unknown[] = [];
  test.broker.subscribe("orders", async ({ payload }) => {
    await passed;
    got.push(payload);
  });
  const others: unknown[] = [];
  test.broker.subscribe("orders", ({ payload }) => void others.push(payload));
  await fill(test.broker, "orders");
  const accepted: string[] = [];
  const late = ["a", "b"].map((payload) =>
    test.broker.publish("orders", payload).then(() => accepted.push(payload))
  );
  await test.settle();
  assert.deepEqual(accepted, []);
  // Whoever has room is not kept waiting by who has none.
  assert.deepEqual(others.slice(-2), ["a", "b"]);
  open();
  await Promise.all(late);
  await test.settle();
  assert.deepEqual(accepted, ["a", "b"]);
  assert.equal(got.length, QUEUE_MESSAGES_MAX + 2);
  assert.deepEqual(got.slice(-3), [QUEUE_MESSAGES_MAX - 1, "a", "b"]);
  assert.equal(test.app.effects.timers, 1, "only the report is due");
});

Deno.test("messaging.broker gives up on a stuck subscriber, with a notice", async () => {
  await using test = await startBroker();
  const { open, passed } = gate();
  const got: unknown[] = [];
  test.broker.subscribe("orders", async ({ payload }) => {
    await passed;
    got.push(payload);
  }, { name: "printer" });
  test.broker.subscribe("orders", () => {}, { name: "quick" });
  await fill(test.broker, "orders");
  let isAccepted = false;
  const late = test.broker.publish("orders", "late").then(() => {
    isAccepted = true;
  });
  await test.app.effects.advance(PUBLISH_WAIT_MS - 1);
  assert.equal(isAccepted, false);
  await test.app.effects.advance(1);
  await late;
  // Somebody has waited in vain: nobody waits again until it moves.
  await test.broker.publish("orders", "later");
  await test.app.effects.advance(REPORT_INTERVAL_MS);
  const message = '"printer" is too slow: its queue is full, ' +
    '2 messages lost for it, the last one on "orders"';
  assert.ok(
    test.app.events.some((event) =>
      event.kind === "notice" && event.message === message &&
      event.severity === "error"
    ),
  );
  assert.ok(test.app.logs.some((line) => line.message === message));
  assert.equal(count(test.measured, "deliver", "failure"), 2);

  open();
  await test.settle();
  await test.broker.publish("orders", "last");
  await test.settle();
  assert.equal(got.length, QUEUE_MESSAGES_MAX + 1);
  assert.equal(got.at(-1), "last");
});

Deno.test("messaging.broker refuses what no subscriber has room for", async () => {
  await using test = await startBroker();
  const { open, passed } = gate();
  const got: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    test.broker.subscribe("orders", async ({ payload }) => {
      await passed;
      got.push(payload);
    });
  }
  await fill(test.broker, "orders");
  const refused = assert.rejects(test.broker.publish("orders", "late"), {
    name: "RetryableError",
    message: 'Cannot publish to "orders": every subscriber has a full queue',
    retryAfterMs: PUBLISH_WAIT_MS,
  });
  await test.app.effects.advance(PUBLISH_WAIT_MS);
  await refused;
  open();
  await test.settle();
  assert.equal(got.length, 2 * QUEUE_MESSAGES_MAX);
  assert.equal(count(test.measured, "publish", "failure"), 1);
});

Deno.test("messaging.broker never lets a subscriber wait for itself", async () => {
  await using test = await startBroker();
  const { open, passed } = gate();
  let handled = 0;
  test.broker.subscribe("loop", async ({ payload }) => {
    await passed;
    handled++;
    // The queue is full: waiting for room in it would never end.
    if (payload === 0) await test.broker.publish("loop", "again");
  }, { name: "loop" });
  await fill(test.broker, "loop");
  open();
  await test.settle();
  assert.equal(handled, QUEUE_MESSAGES_MAX);
  assert.ok(
    test.app.logs.some(({ message }) =>
      message === '"loop" failed to handle a message: ' +
          'Cannot publish to "loop": every subscriber has a full queue'
    ),
  );
});

Deno.test("messaging.broker never lets two subscribers wait for each other", async () => {
  await using test = await startBroker();
  const { open, passed } = gate();
  let handled = 0;
  const pass = (to: string) => async ({ payload }: Message) => {
    await passed;
    handled++;
    if (payload === 0) await test.broker.publish(to, "over");
  };
  test.broker.subscribe("ping", pass("pong"));
  test.broker.subscribe("pong", pass("ping"));
  await fill(test.broker, "ping");
  await fill(test.broker, "pong");
  open();
  await test.settle();
  // The first waits for the second; that one would wait for the first, and
  // loses its message instead.
  assert.equal(handled, 2 * QUEUE_MESSAGES_MAX + 1);
  assert.equal(count(test.measured, "publish", "failure"), 1);
});

Deno.test("messaging.broker delivers what is queued before it stops", async () => {
  const test = await startBroker();
  const got: unknown[] = [];
  test.broker.subscribe("orders", async ({ payload }) => {
    await test.app.effects.clock.sleep(1_000);
    got.push(payload);
  });
  await Promise.all([1, 2].map((n) => test.broker.publish("orders", n)));
  const stopped = test.app.stop();
  await test.app.effects.advance(2_000);
  await stopped;
  assert.deepEqual(got, [1, 2]);
  assert.equal(test.app.effects.timers, 0);
});

Deno.test("messaging.broker stops within a limit and says what is lost", async () => {
  const test = await startBroker();
  const got: unknown[] = [];
  const { open, passed } = gate();
  test.broker.subscribe("orders", async ({ payload }) => {
    got.push(payload);
    await passed;
  });
  for (let i = 0; i < 3; i++) await test.broker.publish("orders", i);
  const stopped = test.app.stop();
  await test.app.effects.advance(DRAIN_MS);
  await stopped;
  assert.deepEqual(got, [0]);
  const lines = test.app.logs.map(({ level, message }) =>
    `${level} ${message}`
  );
  assert.ok(
    lines.includes(`warn 3 messages still queued after ${DRAIN_MS} ms`),
  );
  assert.ok(
    lines.includes('error 2 messages lost: "events" stops before delivery'),
  );
  // What ends after the stop begins nothing any more.
  open();
  await test.settle();
  assert.deepEqual(got, [0]);
  assert.equal(test.app.effects.timers, 0);
  await assert.rejects(test.broker.publish("orders", 4), {
    message: 'Cannot publish to "orders": "events" has stopped',
  });
});

Deno.test("messaging.broker reports counts a few times a second, not messages", async () => {
  await using test = await startBroker();
  test.broker.subscribe("orders", () => {}, { name: "log" });
  for (let i = 0; i < 50; i++) await test.broker.publish("orders", i);
  await test.broker.publish("unheard", 1);
  const carried = () =>
    test.app.events.filter(({ kind }) => kind === "message");
  assert.deepEqual(carried(), []);
  await test.app.effects.advance(REPORT_INTERVAL_MS);
  const [event] = carried();
  assert.equal(carried().length, 1);
  assert.equal(event?.module, "events");
  assert.equal(event?.message, "51 published, 50 delivered");
  assert.deepEqual(event?.topics, { orders: 50, unheard: 1 });
  assert.deepEqual(event?.subscribers, { log: 50 });
  await test.app.effects.advance(10 * REPORT_INTERVAL_MS);
  assert.equal(carried().length, 1, "silence is not reported");
});

Deno.test("messaging.broker bounds what it remembers of topics", async () => {
  await using test = await startBroker();
  let got = 0;
  test.broker.subscribe("device.*", () => void got++);
  const topics = ROUTES_REMEMBERED_MAX + 10;
  for (let i = 0; i < topics; i++) await test.broker.publish(`device.${i}`, i);
  await test.app.effects.advance(REPORT_INTERVAL_MS);
  assert.equal(got, topics);
  const [event] = test.app.events.filter(({ kind }) => kind === "message");
  const counts = event?.topics as Record<string, number>;
  assert.equal(Object.keys(counts).length, 101);
  assert.equal(counts["(other)"], topics - 100);
});
