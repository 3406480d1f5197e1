/** `messaging.kafka` against Apache Kafka. */
import assert from "node:assert/strict";
import {
  eventually,
  Inbox,
  newTopic,
  startKafkaApplication,
} from "./_kafka_application.ts";
import { serverOfFile } from "./kafka_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

serverTest(
  "messaging.kafka carries payloads, keys and headers, in the order of each key",
  server,
  async ({ address }) => {
    const topic = newTopic();
    await using app = await startKafkaApplication({
      config: {
        brokers: [address],
        keyField: "order",
        headers: { shop: "tea" },
      },
      subscriptions: [{ topic, handler: "log" }],
    });
    await app.ready();
    const orders = Array.from({ length: 200 }, (_, n) => ({
      order: `o${n % 7}`,
      n,
    }));
    await Promise.all(
      orders.map((order) => app.broker.publish(topic, order)),
    );
    await app.broker.publish(topic, "a text", {
      key: "k",
      headers: { shop: "coffee" },
    });
    await app.broker.publish(topic, "7");
    await app.inbox.until(() => app.inbox.got.length === 202);
    for (let key = 0; key < 7; key++) {
      const numbers = app.inbox.got.filter((each) => each.key === `o${key}`)
        .map(({ payload }) => (payload as { n: number }).n);
      assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
      assert.ok(numbers.length >= 28);
    }
    const text = app.inbox.got.find(({ payload }) => payload === "a text");
    assert.equal(text?.key, "k");
    assert.equal(text?.headers.shop, "coffee");
    assert.equal(app.inbox.got[0]?.headers.shop, "tea");
    assert.ok(app.inbox.payloads.includes("7"));
  },
);

void eventually;
void Inbox;
