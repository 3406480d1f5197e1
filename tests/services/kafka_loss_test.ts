/** `messaging.kafka` when Apache Kafka is away, slow, or refuses us. */
import assert from "node:assert/strict";
import { RetryableError } from "../../engine/errors.ts";
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
  "messaging.kafka starts without its cluster, says so, and goes to work once it is there",
  server,
  async (server) => {
    await server.kill();
    const topic = newTopic();
    await using it = await startKafkaApplication({
      config: { brokers: [server.address], groupId: topic, timeout: "90s" },
      subscriptions: [{ topic, handler: "log" }],
    });
    const ready = () => it.app.request("GET", "/readyz");
    const refused = async () =>
      (await it.health()).message?.includes("ECONNREFUSED") === true;
    await eventually(refused);
    assert.equal((await it.health()).status, "degraded");
    assert.equal((await ready()).status, 503);
    const published = it.broker.publish(topic, "waits");
    await server.start();
    await published;
    await it.ready();
    assert.equal((await ready()).status, 200);
    await it.broker.publish(topic, "arrives");
    await it.inbox.until(() => it.inbox.payloads.includes("arrives"));
  },
);

serverTest(
  "messaging.kafka loses nothing that was acknowledged when the server is killed under load",
  server,
  async (server) => {
    const topic = newTopic();
    const delivered = new Set<number>();
    const inbox = new Inbox();
    inbox.handle = ({ payload }) => {
      delivered.add((payload as { readonly n: number }).n);
    };
    await using it = await startKafkaApplication({
      config: {
        brokers: [server.address],
        groupId: topic,
        keyField: "key",
        timeout: "90s",
        sessionTimeout: "6s",
      },
      subscriptions: [{ topic, handler: "log" }],
      inbox,
    });
    await it.ready();
    const acknowledged = new Set<number>();
    let next = 0;
    let isOver = false;
    const publish = async (key: number) => {
      while (!isOver) {
        const n = next++;
        await it.broker.publish(topic, { n, key });
        acknowledged.add(n);
      }
    };
    const publishers = Array.from({ length: 20 }, (_, key) => publish(key));
    const progress = async (count: number) => {
      const goal = acknowledged.size + count;
      await eventually(() => acknowledged.size >= goal);
    };
    for (let round = 0; round < 2; round++) {
      await progress(1_000);
      await server.kill();
      await eventually(async () => (await it.health()).status === "degraded");
      assert.equal((await it.app.request("GET", "/readyz")).status, 503);
      await server.start();
      await eventually(async () => (await it.health()).status === "healthy");
    }
    await progress(1_000);
    isOver = true;
    await Promise.all(publishers);
    await inbox.until(() => delivered.size === acknowledged.size);
    assert.deepEqual(acknowledged.difference(delivered), new Set());
    // What comes for the first time comes in the order of its key.
    const latest = new Map<number, number>();
    const seen = new Set<number>();
    for (const payload of inbox.payloads) {
      const { n, key } = payload as { n: number; key: number };
      if (seen.has(n)) continue;
      seen.add(n);
      assert.ok(n > (latest.get(key) ?? -1));
      latest.set(key, n);
    }
  },
);

serverTest(
  "messaging.kafka gives up on a server that does not answer, and names the limit",
  server,
  async (server) => {
    const topic = newTopic();
    await using it = await startKafkaApplication({
      config: { brokers: [server.address], groupId: topic, timeout: "1s" },
    });
    await it.ready();
    await it.broker.publish(topic, 1);
    await server.signal("SIGSTOP");
    try {
      await assert.rejects(
        it.broker.publish(topic, 2),
        (error) =>
          error instanceof RetryableError &&
          /not acknowledged within 1000 ms \(timeout\)/.test(error.message),
      );
      const { status, message } = await it.health();
      assert.equal(status, "degraded");
      assert.match(message ?? "", /No answer within|Request|timed out/);
    } finally {
      await server.signal("SIGCONT");
    }
    await eventually(async () => (await it.health()).status === "healthy");
    await it.broker.publish(topic, 3);
  },
);

serverTest(
  "messaging.kafka signs in over TLS, and says when it is refused without the password",
  server,
  async ({ secureAddress, certificate, user, password }) => {
    const topic = newTopic();
    const configOf = (mechanism: string, password: string) => ({
      brokers: [secureAddress],
      groupId: `${topic}-${mechanism}`,
      ssl: { ca: certificate },
      sasl: { mechanism, username: user, password },
      startFrom: "earliest",
    });
    const subscriptions = [{ topic, handler: "log" }];
    for (const mechanism of ["plain", "scram-sha-512"]) {
      await using it = await startKafkaApplication({
        config: configOf(mechanism, password),
        subscriptions,
      });
      await it.ready();
      await it.broker.publish(topic, mechanism);
      await it.inbox.until(() => it.inbox.payloads.includes(mechanism));
    }
    await using it = await startKafkaApplication({
      config: configOf("plain", "a-wrong-password"),
      subscriptions,
    });
    await eventually(async () =>
      /authentication/i.test((await it.health()).message ?? "")
    );
    const told = JSON.stringify([it.app.logs, await it.health()]);
    assert.ok(!told.includes("a-wrong-password"), told);
    await using plain = await startKafkaApplication({
      config: { ...configOf("plain", password), ssl: true },
    });
    await eventually(async () =>
      /certificate/i.test((await plain.health()).message ?? "")
    );
  },
);

serverTest(
  "messaging.kafka lets a handler finish when it stops, and leaves the rest to the next",
  server,
  async (server) => {
    const topic = newTopic();
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const inbox = new Inbox();
    inbox.handle = async () => {
      begun.resolve();
      await held.promise;
    };
    const options = {
      config: {
        brokers: [server.address],
        groupId: topic,
        keyField: "key",
        startFrom: "earliest",
      },
      subscriptions: [{ topic, handler: "log" }],
    };
    const first = await startKafkaApplication({ ...options, inbox });
    for (let n = 0; n < 5; n++) {
      await first.broker.publish(topic, { n, key: "k" });
    }
    await begun.promise;
    const stopped = first.app.stop();
    held.resolve();
    await stopped;
    assert.ok(inbox.got.length >= 1);
    await using second = await startKafkaApplication(options);
    const rest = 5 - inbox.got.length;
    await second.inbox.until(() => second.inbox.got.length >= rest);
    // What the first has handled is committed: nothing comes twice.
    assert.deepEqual(
      [...inbox.payloads, ...second.inbox.payloads],
      [0, 1, 2, 3, 4].map((n) => ({ n, key: "k" })),
    );
  },
);
