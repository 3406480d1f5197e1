/** `messaging.nats` with JetStream, against a real server. */
import assert from "node:assert/strict";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, nanos } from "@nats-io/transport-node";
import { RefusedError } from "@engine/errors.ts";
import { documentOf, jetstream, natsApplication } from "./_nats_application.ts";
import { until } from "./eventually.ts";
import { NatsServer, serverOfFile } from "./nats_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

serverTest(
  "a stream is made, and hands each message to every subscription in order",
  server,
  async ({ url }) => {
    const config = { url, jetstream: jetstream("made") };
    await using app = await natsApplication(config, [
      { topic: "made.*", handler: "one" },
      { topic: "**", handler: "two" },
      { topic: "**.b", handler: "three" },
      { topic: "elsewhere.*", handler: "four" },
    ]);
    assert.deepEqual(await app.health(), { status: "healthy" });
    for (const n of [1, 2, 3]) await app.broker.publish("made.a", n);
    await app.broker.publish("made.a.b", { n: 4 }, { via: ["link:a"] });
    await app.broker.publish("made", "5");
    await until(() => app.got.length === 9);
    const of = (name: string) =>
      app.got.filter(({ handler }) => handler === name)
        .map(({ message }) => message.payload);
    assert.deepEqual(of("one"), [1, 2, 3]);
    // The stream has "made" and "made.>", and no order between the two.
    assert.deepEqual(of("two").filter((each) => each !== "5"), [1, 2, 3, {
      n: 4,
    }]);
    assert.deepEqual(of("three"), [{ n: 4 }]);
    const last = app.got.find(({ message }) => message.topic === "made.a.b");
    assert.deepEqual(last?.message.via, ["link:a"]);
    assert.equal(last?.message.attempt, 1);
    assert.ok(Math.abs((last?.message.publishedAt ?? 0) - Date.now()) < 60_000);
    await assert.rejects(
      app.broker.publish("elsewhere.a", 1),
      (error: Error) =>
        error instanceof RefusedError &&
        error.message ===
          'Cannot publish to "elsewhere.a": the stream "made" takes only ' +
            "made, made.>",
    );
    await assert.rejects(
      app.broker.publish("$JS.API.STREAM.DELETE.made", 1),
      /NATS keeps such subjects for itself/,
    );
  },
);

serverTest(
  "a stream is set up as the document says, and so is that of its dead letters",
  server,
  async ({ url }) => {
    const limits = {
      ...{ storage: "memory", maxAge: "2h", duplicateWindow: "30s" },
      deadLetters: "lost",
    };
    await using app = await natsApplication(
      { url, jetstream: jetstream("limited", limits) },
      [{ topic: "limited.*", handler: "one" }],
    );
    await app.broker.publish("limited.a", 1);
    await until(() => app.got.length === 1);
    const connection = await connect({ servers: url });
    try {
      const manager = await jetstreamManager(connection);
      const { config } = await manager.streams.info("limited");
      assert.equal(config.storage, "memory");
      assert.equal(config.max_age, nanos(2 * 60 * 60 * 1_000));
      assert.equal(config.duplicate_window, nanos(30_000));
      const subjects = [];
      for await (const stream of manager.streams.list()) {
        subjects.push(...stream.config.subjects ?? []);
      }
      assert.ok(subjects.includes("lost.limited.>"), subjects.join());
    } finally {
      await connection.close();
    }
  },
);

serverTest(
  "a message that failed comes again after retryBackoff, and after maxRetryBackoff at the latest",
  server,
  async ({ url }) => {
    const gaps = async (stream: string, backoff: Record<string, string>) => {
      const tried: number[] = [];
      await using app = await natsApplication(
        { url, jetstream: jetstream(stream, backoff) },
        [{ topic: `${stream}.*`, handler: "one" }],
        () => {
          tried.push(performance.now());
          if (tried.length < 4) throw new Error("not yet");
        },
      );
      await app.broker.publish(`${stream}.a`, 1);
      await until(() => app.got.length === 1);
      return tried.slice(1).map((at, n) => at - (tried[n] ?? 0));
    };
    const slow = await gaps("slow", { retryBackoff: "100ms" });
    slow.forEach((ms, n) => assert.ok(ms >= 100 * 2 ** n, `${ms}, after ${n}`));
    // It would not come again before the test is over.
    await gaps("fast", { retryBackoff: "1h", maxRetryBackoff: "10ms" });
  },
);

serverTest(
  "what is published while nobody is there is handled when somebody is",
  server,
  async ({ url }) => {
    const config = { url, jetstream: jetstream("kept") };
    const subscriptions = [{ topic: "kept.*", handler: "one" }];
    const before = await natsApplication(config, subscriptions);
    await before.broker.publish("kept.a", 1);
    await until(() => before.got.length === 1);
    await before.stop();
    await using other = await natsApplication(config, []);
    await other.broker.publish("kept.a", 2);
    await other.stop();
    await using after = await natsApplication(config, subscriptions);
    await until(() => after.got.length === 1);
    assert.deepEqual(after.lines(), ["one kept.a 2"]);
  },
);

serverTest(
  "a message that a step publishes twice under one key is in the stream once",
  server,
  async ({ url }) => {
    const config = { url, jetstream: jetstream("once") };
    await using app = await natsApplication(config, [
      { topic: "once.*", handler: "one" },
    ]);
    for (let attempt = 0; attempt < 3; attempt++) {
      await app.act("publish", { topic: "once.a", message: "same" });
    }
    await app.broker.publish("once.a", "next");
    await until(() => app.lines().includes('one once.a "next"'));
    assert.deepEqual(app.lines(), ['one once.a "same"', 'one once.a "next"']);
    assert.equal(app.got[0]?.message.id, "test/events/test-key");
  },
);

serverTest(
  "a message that is handled for longer than ackWait is not handed out again",
  server,
  async ({ url }) => {
    const config = { url, jetstream: jetstream("slow", { ackWait: "300ms" }) };
    let started = 0;
    await using app = await natsApplication(
      config,
      [{ topic: "slow.*", handler: "one" }],
      async () => {
        started++;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      },
    );
    // The second one waits at hand meanwhile.
    await app.broker.publish("slow.a", 1);
    await app.broker.publish("slow.a", 2);
    await until(() => app.got.length === 2);
    assert.equal(started, 2);
    assert.deepEqual(app.got.map(({ message }) => message.attempt), [1, 1]);
  },
);

serverTest(
  "an application that stops finishes what is under way and gives the rest back",
  server,
  async ({ url }) => {
    const config = { url, jetstream: jetstream("drain", { ackWait: "60s" }) };
    const subscriptions = [{ topic: "drain.*", handler: "one" }];
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const first = await natsApplication(config, subscriptions, () => {
      begun.resolve();
      return held.promise;
    });
    for (const n of [1, 2, 3, 4]) await first.broker.publish("drain.a", n);
    await begun.promise;
    const stopped = first.stop();
    // At once, and not after ackWait.
    await using second = await natsApplication(config, subscriptions);
    await until(() => second.got.length === 3, 4_000);
    held.resolve();
    await stopped;
    assert.deepEqual(first.lines(), ["one drain.a 1"]);
    assert.deepEqual(
      second.got.map(({ message }) => message.payload).toSorted(),
      [2, 3, 4],
    );
  },
);

serverTest(
  "several messages are handled at a time where the document says so",
  server,
  async ({ url }) => {
    let now = 0;
    let most = 0;
    await using app = await natsApplication(
      { url, concurrency: 4, jetstream: jetstream("many") },
      [{ topic: "many.*", handler: "one" }],
      async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 20));
        now--;
      },
    );
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => app.broker.publish("many.a", n)),
    );
    await until(() => app.got.length === 40);
    assert.equal(most, 4);
  },
);

serverTest(
  "a consumer or a stream that somebody deletes is made again",
  server,
  async (server) => {
    await using app = await natsApplication(
      { url: server.url, jetstream: jetstream("deleted") },
      [{ topic: "deleted.*", handler: "one" }],
    );
    await app.broker.publish("deleted.a", 1);
    await until(() => app.got.length === 1);
    await using client = await server.client();
    const { jetstreamManager } = await import("@nats-io/jetstream");
    const manager = await jetstreamManager(client);
    for await (const { name } of manager.consumers.list("deleted")) {
      await manager.consumers.delete("deleted", name);
    }
    await until(async () => {
      await app.broker.publish("deleted.a", 2);
      return app.got.length > 1;
    });
    assert.deepEqual(await app.health(), { status: "healthy" });

    await manager.streams.delete("deleted");
    assert.match((await app.health()).message ?? "", /stream not found/);
    const before = app.got.length;
    await until(async () => {
      await app.broker.publish("deleted.a", 3);
      return app.got.length > before;
    });
    assert.deepEqual(await app.health(), { status: "healthy" });
  },
);

serverTest(
  "health says what is wrong with JetStream: that it is off, or has no stream",
  server,
  async ({ url }) => {
    await using plain = await NatsServer.make({ hasJetStream: false });
    await plain.start();
    await using off = await natsApplication(
      { url: plain.url, jetstream: jetstream("off"), requestTimeout: "200ms" },
      [],
    );
    const { status, message } = await off.health();
    assert.equal(status, "degraded");
    assert.match(message ?? "", /jetstream is not enabled/i);
    await using none = await natsApplication(
      { url, jetstream: { stream: "none" }, requestTimeout: "200ms" },
      [],
    );
    assert.match(
      (await none.health()).message ?? "",
      /There is no stream "none"; jetstream\.subjects would make one/,
    );
    await assert.rejects(none.broker.publish("a.b", 1), /There is no stream/);
  },
);

serverTest(
  "a stream that is there takes the subjects of the document as well",
  server,
  async ({ url }) => {
    await using first = await natsApplication(
      { url, jetstream: jetstream("grows", { subjects: ["grows.a"] }) },
      [],
    );
    await first.broker.publish("grows.a", 1);
    await using second = await natsApplication(
      {
        url,
        jetstream: jetstream("grows", {
          subjects: ["grows.*", "grown.**"],
          deliverFrom: "all",
        }),
      },
      [{ topic: "grow*", handler: "none" }, {
        topic: "**",
        handler: "one",
      }],
    );
    await second.broker.publish("grows.b", 2);
    await second.broker.publish("grown.x.y", 3);
    await until(() => second.got.length === 3);
    assert.deepEqual(second.lines().toSorted(), [
      "one grown.x.y 3",
      "one grows.a 1",
      "one grows.b 2",
    ]);
  },
);

serverTest(
  "two processes share the messages of a stream, and a reload loses none",
  server,
  async ({ url }) => {
    const config = { url, jetstream: jetstream("shared", { durable: "team" }) };
    const subscriptions = [{ topic: "shared.*", handler: "one" }];
    await using first = await natsApplication(config, subscriptions);
    await using second = await natsApplication(config, subscriptions);
    const all = Array.from({ length: 2_000 }, (_, index) => index);
    const publishing = Promise.all(
      all.map((n) => second.broker.publish("shared.x", n)),
    );
    for (let round = 0; round < 3; round++) {
      await first.app.reload(documentOf(config, [
        ...subscriptions,
        { topic: `shared.other${round}`, handler: "one" },
      ]));
    }
    await publishing;
    await until(() => first.got.length + second.got.length >= all.length);
    const got = [...first.got, ...second.got]
      .map(({ message }) => Number(message.payload));
    assert.deepEqual(got.toSorted((a, b) => a - b), all);
    assert.ok(first.got.length > 0 && second.got.length > 0);
  },
);
