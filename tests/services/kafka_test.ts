/** `messaging.kafka` against Apache Kafka: what it carries, and to whom. */
import assert from "node:assert/strict";
import {
  Inbox,
  newTopic,
  recordsOf,
  startKafkaApplication,
  writeRaw,
} from "./_kafka_application.ts";
import { serverOfFile } from "./kafka_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

/** So many payloads that differ. */
const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({ n: from + n }));

serverTest(
  "messaging.kafka carries payloads, keys and headers, in the order of each key",
  server,
  async ({ address }) => {
    const topic = newTopic();
    await using app = await startKafkaApplication({
      config: {
        brokers: [address],
        groupId: topic,
        keyField: "order",
        headers: { shop: "tea" },
        compression: "gzip",
      },
      subscriptions: [{ topic, handler: "log" }],
    });
    await app.ready();
    const orders = numbers(200).map(({ n }) => ({ order: `o${n % 7}`, n }));
    await Promise.all(orders.map((order) => app.broker.publish(topic, order)));
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

serverTest(
  "messaging.kafka takes what others write: JSON, text and nothing",
  server,
  async ({ address }) => {
    const topic = newTopic();
    await writeRaw(address, topic, ['{"a":1}', "{broken", null, "null"]);
    await using app = await startKafkaApplication({
      config: { brokers: address, groupId: topic, startFrom: "earliest" },
      subscriptions: [{ topic, handler: "log" }],
    });
    await app.inbox.until(() => app.inbox.got.length === 4);
    const texts = app.inbox.payloads.map((payload) => JSON.stringify(payload));
    assert.deepEqual(texts.sort(), [
      '"{broken"',
      "null",
      "null",
      '{"a":1}',
    ]);
    assert.match(app.inbox.got[0]?.id ?? "", new RegExp(`^${topic}/\\d/\\d$`));
  },
);

serverTest(
  "messaging.kafka gives every handler of a topic each message, and one that is added later its own",
  server,
  async ({ address }) => {
    const topic = newTopic();
    await using app = await startKafkaApplication({
      config: { brokers: [address], groupId: topic },
      subscriptions: [
        { topic, handler: "log" },
        { topic, handler: "mail" },
      ],
    });
    await app.ready();
    await app.broker.publish(topic, 1);
    await app.inbox.until(() => app.inbox.got.length === 2);
    assert.deepEqual(app.inbox.got.map(({ by }) => by).sort(), ["log", "mail"]);
    const later = new Inbox();
    const other = newTopic();
    const end = app.broker.subscribe(
      other,
      (message) => later.receive(message as never, "later"),
      { name: "later" },
    );
    app.broker.subscribe(
      `${topic}.*.paid`,
      (message) => later.receive(message as never, "pattern"),
      { name: "pattern" },
    );
    await app.logged(`Reads ${[topic, other].sort().join(", ")}`);
    await app.broker.publish(other, 2);
    await app.broker.publish(topic, 4);
    // Its pattern means it from its first message on.
    await app.broker.publish(`${topic}.tea.paid`, 3);
    await later.distinct(2);
    await app.inbox.until(() => app.inbox.got.length === 4);
    assert.deepEqual(
      later.got.map(({ by, payload }) => `${by} ${payload}`).sort(),
      ["later 2", "pattern 3"],
    );
    end();
  },
);

serverTest(
  "messaging.kafka shares a topic among the members of a group, and loses nothing as they come and go",
  server,
  async ({ address }) => {
    const topic = newTopic();
    const config = { brokers: [address], groupId: topic, keyField: "n" };
    const subscriptions = [{ topic, handler: "log" }];
    const one = new Inbox();
    const two = new Inbox();
    await using first = await startKafkaApplication({
      config,
      subscriptions,
      inbox: one,
    });
    await first.ready();
    let published = 0;
    const publish = async (count: number) => {
      const payloads = numbers(count, published);
      published += count;
      await Promise.all(
        payloads.map((each) => first.broker.publish(topic, each)),
      );
    };
    const all = () =>
      new Set(
        [...one.got, ...two.got].map(({ payload }) =>
          (payload as { n: number }).n
        ),
      );
    const allThere = async () => {
      while (all().size < published) {
        await Promise.race([one, two].map((inbox) => inbox.next()));
      }
    };
    await publish(100);
    {
      await using second = await startKafkaApplication({
        config,
        subscriptions,
        inbox: two,
      });
      await second.ready();
      for (let round = 0; two.got.length < 50; round++) await publish(50);
      const before = one.got.length;
      await allThere();
      while (one.got.length === before) await publish(50);
      await allThere();
    }
    await publish(100);
    await allThere();
    assert.equal(all().size, published);
    assert.ok(one.got.length > 0 && two.got.length > 0);
  },
);

serverTest(
  "messaging.kafka goes on where a group has stopped, also where it had read nothing",
  server,
  async ({ address }) => {
    const topic = newTopic();
    await writeRaw(address, topic, ["1", "2"]);
    const options = {
      config: { brokers: [address], groupId: topic },
      subscriptions: [{ topic, handler: "log" }],
    };
    {
      await using app = await startKafkaApplication(options);
      await app.ready();
      assert.deepEqual(app.inbox.payloads, []);
    }
    await writeRaw(address, topic, ["3", "4", "5", "6"]);
    await using app = await startKafkaApplication(options);
    await app.inbox.distinct(4);
    assert.deepEqual(app.inbox.payloads.toSorted(), [3, 4, 5, 6]);
  },
);

serverTest(
  "messaging.kafka encrypts with versioned keys, and takes what is not encrypted",
  server,
  async ({ address }) => {
    const topic = newTopic();
    const start = (config: Readonly<Record<string, unknown>>) =>
      startKafkaApplication({
        config: {
          brokers: [address],
          groupId: `${topic}-${config.encryptionKeyVersion ?? "old"}`,
          startFrom: "earliest",
          ...config,
        },
        subscriptions: [{ topic, handler: "log" }],
      });
    await writeRaw(address, topic, ['{"n":0}']);
    await using old = await start({ encryptionKey: "never-shown-1" });
    await old.ready();
    await old.broker.publish(topic, { n: 1 });
    await using next = await start({
      encryptionKey: "never-shown-2",
      encryptionKeyVersion: "v2",
      previousEncryptionKeys: { v1: "never-shown-1" },
    });
    await next.ready();
    await next.broker.publish(topic, "secret");
    await next.inbox.distinct(3);
    assert.equal(
      JSON.stringify(next.inbox.payloads.toSorted()),
      '[{"n":0},{"n":1},"secret"]',
    );
    const raw = await recordsOf(address, topic, 3);
    const values = raw.map(({ value }) => value ?? "").sort();
    assert.match(values[0] ?? "", /^\{"_encrypted":"enc::[\w+/=]+"\}$/);
    assert.match(values[1] ?? "", /^\{"_encrypted":"enc::v2:[\w+/=]+"\}$/);
    // Who has no key for it keeps it as a dead letter, as it came.
    const [dead] = await recordsOf(address, `${topic}-old.dead-letters`, 1);
    assert.equal(dead?.value, values[1]);
    assert.match(
      dead?.headers["dead-letter-reason"] ?? "",
      /no key of version "v2" fits/,
    );
  },
);

serverTest(
  "messaging.kafka gives a failing handler a message again, then makes it a dead letter and goes on",
  server,
  async ({ address }) => {
    const topic = newTopic();
    const attempts: string[] = [];
    const inbox = new Inbox();
    inbox.handle = ({ payload, attempt }, by) => {
      if (by !== "mail" || payload !== "bad") return;
      attempts.push(`${payload} ${attempt}`);
      throw new Error("The mail server is down");
    };
    await using it = await startKafkaApplication({
      config: {
        brokers: [address],
        groupId: topic,
        attemptsMax: 3,
        retryBackoffMs: 10,
        deadLetterTopic: `${topic}.failed`,
      },
      subscriptions: [
        { topic, handler: "log" },
        { topic, handler: "mail" },
      ],
      inbox,
      pipelines: {
        send: {
          input: { text: "string" },
          steps: [{
            id: "send",
            use: "module:kafka.publish",
            with: {
              topic,
              message: "${{ input.text }}",
              key: "k",
              headers: { by: "pipeline" },
            },
          }],
        },
      },
    });
    await it.ready();
    for (const text of ["bad", "good"]) {
      await it.app.dispatch("send", "start", { text }, { waitMs: 10_000 });
    }
    await inbox.until(() => inbox.got.length === 3);
    assert.deepEqual(attempts, ["bad 1", "bad 2", "bad 3"]);
    assert.deepEqual(
      inbox.got.map(({ by, payload }) => `${by} ${payload}`).sort(),
      ["log bad", "log good", "mail good"],
    );
    const [dead] = await recordsOf(address, `${topic}.failed`, 1);
    assert.equal(dead?.value, "bad");
    assert.equal(dead?.key, "k");
    assert.equal(dead?.headers.by, "pipeline");
    assert.equal(
      dead?.headers["dead-letter-reason"],
      "The mail server is down",
    );
    assert.equal(dead?.headers["dead-letter-subscriber"], "mail");
    assert.equal(dead?.headers["dead-letter-topic"], topic);
    assert.equal(dead?.headers["dead-letter-attempts"], "3");
    await it.caughtUp();
  },
);
