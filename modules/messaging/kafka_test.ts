/** `messaging.kafka` on a driver of the test's own, in a simulated world. */
import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule, type Host } from "@engine/define.ts";
import { RetryableError, TerminalError } from "@engine/errors.ts";
import { Broker, type Message } from "@engine/services/broker.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { startApplication } from "@engine/testing.ts";
import messaging from "../../workflows/types/messaging.ts";
import { check, config } from "./_kafka/config.ts";
import {
  type Batch,
  type ConsumeOptions,
  DriverError,
  type KafkaDriver,
  type NewRecord,
  type StoredRecord,
} from "./_kafka/driver.ts";
import { KafkaBroker } from "./_kafka/kafka_broker.ts";
import kafka from "./kafka.ts";

/** A cluster that does what a test tells it. */
class FakeDriver implements KafkaDriver {
  readonly requests: NewRecord[][] = [];
  /** The groups that have been joined. */
  readonly joins: ConsumeOptions[] = [];
  isAway = false;
  /** Throws to refuse a request. */
  refuse: (records: readonly NewRecord[]) => void = () => {};

  connect(): Promise<void> {
    return this.#answer(undefined);
  }

  send(records: readonly NewRecord[]): Promise<void> {
    try {
      this.refuse(records);
    } catch (error) {
      return Promise.reject(error);
    }
    this.requests.push([...records]);
    return this.#answer(undefined);
  }

  topics(): Promise<readonly string[]> {
    return this.#answer([]);
  }

  lag() {
    return this.#answer([]);
  }

  consume(options: ConsumeOptions) {
    this.joins.push(options);
    return this.#answer({ stop: () => Promise.resolve() });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** All that was written, as texts. */
  get written(): string[] {
    return this.requests.flat().map(({ topic, value }) => `${topic} ${value}`);
  }

  #answer<T>(value: T): Promise<T> {
    return this.isAway
      ? Promise.reject(new DriverError("Nobody is there", true, undefined))
      : Promise.resolve(value);
  }
}

/** A batch, and which of its records were handled. */
function batchOf(count: number, keepAlive = () => Promise.resolve()) {
  const handled: string[] = [];
  const records = Array.from({ length: count }, (_, n): StoredRecord => ({
    topic: "orders",
    partition: 0,
    offset: String(n),
    key: null,
    value: new TextEncoder().encode(String(n)),
    headers: {},
    timestamp: 0,
  }));
  const batch: Batch = {
    records,
    isCurrent: () => true,
    handled: ({ offset }) => void handled.push(offset),
    keepAlive,
  };
  return { batch, handled };
}

async function start(settings: Readonly<Record<string, unknown>> = {}) {
  const driver = new FakeDriver();
  const got: Message["payload"][] = [];
  const handler = {
    handle: (_message: Message): void | Promise<void> => {},
  };
  const fakeKafka = {
    ...kafka,
    create: (settings: z.output<typeof config>, host: Host) =>
      Object.assign(
        new KafkaBroker(settings, host, () => Promise.resolve(driver)),
        { act: () => Promise.resolve(null) },
      ),
  };
  const taker = defineModule({
    type: "test.taker",
    summary: "Takes messages",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [MessageHandler],
    examples: [],
    create: () => ({
      async receive(message: Message) {
        await handler.handle(message);
        got.push(message.payload);
      },
    }),
  });
  const documentOf = (topic: string) => ({
    modules: [
      { name: "kafka", type: "messaging.kafka", config: settings },
      { name: "log", type: "test.taker" },
    ],
    workflows: {
      messaging: {
        broker: "kafka",
        subscriptions: [{ topic, handler: "log" }],
      },
    },
  });
  const app = await startApplication({
    document: documentOf("orders"),
    definitions: [fakeKafka as typeof kafka, messaging, taker],
  });
  await app.effects.advance(0);
  return {
    app,
    driver,
    handler,
    got,
    documentOf,
    broker: app.service(Broker),
    health: () => app.service(HealthReporter).health(),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

/** A refusal that another attempt does not change. */
const tooLarge = new DriverError("The message is too large", false, undefined);

Deno.test("messaging.kafka puts what is published at a time into one request, in order", async () => {
  await using it = await start();
  const published = [1, 2, 3].map((n) => it.broker.publish("orders", n));
  await it.app.effects.advance(0);
  await Promise.all(published);
  assert.deepEqual(it.driver.requests.map((each) => each.length), [3]);
  assert.deepEqual(it.driver.written, ["orders 1", "orders 2", "orders 3"]);
});

Deno.test("messaging.kafka tries a failed request again before it writes anything else", async () => {
  await using it = await start();
  let failures = 2;
  it.driver.refuse = () => {
    if (failures-- > 0) throw new DriverError("Not now", true, undefined);
  };
  const first = it.broker.publish("orders", 1);
  await it.app.effects.advance(0);
  const second = it.broker.publish("orders", 2);
  await it.app.effects.advance(5_000);
  await Promise.all([first, second]);
  assert.deepEqual(it.driver.written, ["orders 1", "orders 2"]);
});

Deno.test("messaging.kafka refuses a message that servers never take, and no other with it", async () => {
  await using it = await start();
  it.driver.refuse = (records) => {
    if (records.some(({ value }) => value === "2")) throw tooLarge;
  };
  const published = [1, 2, 3].map((n) => it.broker.publish("orders", n));
  const outcomes = Promise.allSettled(published);
  await it.app.effects.advance(0);
  const [, refused] = await outcomes;
  assert.equal(refused?.status, "rejected");
  assert.ok(refused?.reason instanceof TerminalError);
  assert.deepEqual(it.driver.written, ["orders 1", "orders 3"]);
});

Deno.test("messaging.kafka gives up on publishing after its timeout, and says why", async () => {
  await using it = await start({ timeout: "5s" });
  it.driver.refuse = () => {
    throw new DriverError("Nobody is there", true, undefined);
  };
  const published = assert.rejects(
    it.broker.publish("orders", 1),
    new RetryableError(
      'Cannot publish to "orders": not acknowledged within 5000 ms (timeout): ' +
        "Nobody is there",
    ),
  );
  await it.app.effects.advance(5_000);
  await published;
});

Deno.test("messaging.kafka refuses what is no topic of Kafka", async () => {
  await using it = await start();
  await assert.rejects(it.broker.publish("orders/paid", 1), /Kafka allows/);
  await assert.rejects(it.broker.publish("orders.*", 1), /stand in patterns/);
  assert.throws(
    () => it.broker.subscribe("orders paid", () => {}, { name: "log" }),
    /Kafka allows/,
  );
});

Deno.test("messaging.kafka holds a message up whose dead letter cannot be written, and says so", async () => {
  await using it = await start({ attemptsMax: 1, timeout: "1s" });
  it.handler.handle = ({ payload }) => {
    if (payload === 1) throw new Error("It does not fit");
  };
  it.driver.refuse = () => {
    throw tooLarge;
  };
  const { batch, handled } = batchOf(3);
  const taken = it.driver.joins[0]?.take(batch);
  await it.app.effects.advance(100);
  assert.deepEqual(it.got, [0]);
  const { status, message } = await it.health();
  assert.equal(status, "degraded");
  assert.match(message ?? "", /orders\/0\/1 cannot be written/);
  it.driver.refuse = () => {};
  await it.app.effects.advance(5_000);
  await taken;
  assert.deepEqual(it.got, [0, 2]);
  assert.equal(handled.at(-1), "2");
  const [[dead]] = it.driver.requests as [[NewRecord]];
  assert.equal(dead.topic, "workflow-group.dead-letters");
  assert.equal(dead.headers["dead-letter-reason"], "It does not fit");
  assert.equal((await it.health()).status, "healthy");
});

Deno.test("messaging.kafka leaves a failing message to others when the group has to agree anew", async () => {
  await using it = await start({ retryBackoffMs: 60_000 });
  it.handler.handle = ({ payload }) => {
    if (payload === 1) throw new Error("Not now");
  };
  const rebalance = new Error("The group is rebalancing");
  const { batch, handled } = batchOf(3, () => Promise.reject(rebalance));
  const taken = assert.rejects(
    it.driver.joins[0]?.take(batch) ?? Promise.resolve(),
    rebalance,
  );
  await it.app.effects.advance(1_500);
  await taken;
  assert.equal(handled.at(-1), "0");
});

Deno.test("messaging.kafka joins again when it is lost, later and later, and when its topics change", async () => {
  await using it = await start();
  assert.equal((await it.health()).message, "consuming");
  const { modules, ...sections } = it.documentOf("orders");
  await it.app.reload({
    modules: [...modules, { name: "more", type: "test.taker" }],
    ...sections,
  });
  await it.app.effects.advance(100);
  assert.equal(it.driver.joins.length, 1);
  it.driver.joins[0]?.lost("It is gone");
  await it.app.effects.advance(10);
  assert.deepEqual(await it.health(), {
    status: "degraded",
    message: "It is gone",
  });
  await it.app.effects.advance(1_000);
  assert.equal(it.driver.joins.length, 2);
  await it.app.reload(it.documentOf("payments"));
  await it.app.effects.advance(1_000);
  assert.deepEqual(it.driver.joins.map(({ topics }) => topics), [
    ["orders"],
    ["orders"],
    ["payments"],
  ]);
});

Deno.test("messaging.kafka takes both spellings of a group, and says what makes no sense", () => {
  const issuesOf = (settings: object) =>
    check(config.parse(settings)).map(({ path, message }) =>
      `${path.join(".")}: ${message}`
    );
  assert.deepEqual(issuesOf({ groupID: "a", brokers: "a:1,b:2" }), []);
  assert.deepEqual(
    issuesOf({
      groupId: "a",
      groupID: "b",
      key: "topic",
      keyField: "id",
      sessionTimeout: "1s",
      encryptionKeyVersion: "v1",
    }),
    [
      'sessionTimeout: The duration "1s" is too short: servers want 6s or more',
      "groupID: groupId says it already",
      "keyField: key says it already",
      "encryptionKeyVersion: encryptionKeyVersion has no effect without encryptionKey",
    ],
  );
});

Deno.test("messaging.kafka wants a certificate and its key together", () => {
  const issuesOf = (ssl: object | boolean) =>
    check(config.parse({ ssl })).map(({ path, message }) =>
      `${path.join(".")}: ${message}`
    );
  assert.deepEqual(issuesOf({ cert: "C" }), [
    "ssl.cert: cert has no effect without key",
  ]);
  assert.deepEqual(issuesOf({ ca: "A", key: "K" }), [
    "ssl.key: key has no effect without cert",
  ]);
  assert.deepEqual(issuesOf({ cert: "C", key: "K" }), []);
  assert.deepEqual(issuesOf(true), []);
});
