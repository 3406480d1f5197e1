/** `messaging.nats` without JetStream, against a real server. */
import assert from "node:assert/strict";
import { RefusedError, RetryableError, TerminalError } from "@engine/errors.ts";
import { QUEUE_MESSAGES_MAX } from "../../modules/messaging/_nats_core.ts";
import { documentOf, natsApplication } from "./_nats_application.ts";
import { until } from "./eventually.ts";
import { NatsServer, PASSWORD, serverOfFile, USER } from "./nats_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

serverTest(
  "a message goes through NATS to every subscription whose pattern selects it",
  server,
  async ({ url }) => {
    await using app = await natsApplication({ url }, [
      { topic: "order.*", handler: "one" },
      { topic: "order.**", handler: "two" },
      { topic: "**.paid", handler: "three" },
    ]);
    const payload = { id: "o1", note: "ein Tee für 3 €" };
    const via = ["link:a", "pipeline:größe"];
    await app.broker.publish("order.paid", payload, { via });
    await app.broker.publish("order", "plain text");
    await app.broker.publish("order.x.y", "5");
    await app.broker.publish("shop.refund.paid", 7);
    await until(() => app.got.length === 6);
    assert.deepEqual(app.lines().toSorted(), [
      `one order.paid ${JSON.stringify(payload)}`,
      `three order.paid ${JSON.stringify(payload)}`,
      "three shop.refund.paid 7",
      'two order "plain text"',
      `two order.paid ${JSON.stringify(payload)}`,
      'two order.x.y "5"',
    ]);
    assert.deepEqual(
      app.got.filter(({ message }) => message.topic === "order.paid")
        .map(({ message }) => message.via),
      [via, via, via],
    );
  },
);

serverTest(
  "processes of one queue group share the messages of NATS, and others get all",
  server,
  async ({ url }) => {
    const subscriptions = [{ topic: "shared.*", handler: "one" }];
    const start = (queueGroup: string) =>
      natsApplication({ url, queueGroup }, subscriptions);
    await using first = await start("a");
    await using second = await start("a");
    await using other = await start("b");
    await using outside = await start("c");
    const all = Array.from({ length: 100 }, (_, index) => index);
    await Promise.all(
      all.map((index) => outside.broker.publish("shared.x", index)),
    );
    await until(() => other.got.length === 100 && outside.got.length === 100);
    await until(() => first.got.length + second.got.length === 100);
    const shared = [...first.got, ...second.got]
      .map(({ message }) => Number(message.payload));
    assert.deepEqual(shared.toSorted((a, b) => a - b), all);
    assert.ok(first.got.length > 0 && second.got.length > 0);
    // In order of publication, for each.
    assert.deepEqual(other.got.map(({ message }) => message.payload), all);
  },
);

serverTest(
  "what other programs publish on NATS is taken: JSON, text, and no text at all",
  server,
  async (server) => {
    await using app = await natsApplication({ url: server.url }, [
      { topic: "other.>", handler: "one" },
    ]);
    await using client = await server.client();
    const { headers } = await import("@nats-io/transport-node");
    client.publish("other.a", '{"n":1}');
    client.publish("other.b", "no JSON");
    client.publish("other.c", new Uint8Array([0xff, 0xfe, 0x00]));
    const strange = headers();
    strange.set("Workflow-Via", "nonsense");
    strange.set("Nats-Msg-Id", "mine");
    client.publish("other.d", "", { headers: strange });
    await until(() => app.got.length === 3);
    assert.deepEqual(app.lines(), [
      'one other.a {"n":1}',
      'one other.b "no JSON"',
      'one other.d ""',
    ]);
    assert.equal(app.got[2]?.message.id, "mine");
    assert.equal(app.got[2]?.message.via, undefined);
    const errors = app.app.logs.filter(({ level }) => level === "error");
    assert.deepEqual(errors.map(({ message }) => message), [
      '"one" failed to handle a message: Cannot read a message of 3 bytes: ' +
      "it is no UTF-8 text",
    ]);
  },
);

serverTest(
  "a step asks whoever answers on a subject of NATS",
  server,
  async (server) => {
    await using app = await natsApplication(
      { url: server.url, requestTimeout: "200ms" },
      [],
    );
    await using client = await server.client();
    client.subscribe("price.ask", {
      callback: (_error, message) => void message.respond('{"price":3}'),
    });
    client.subscribe("silence", { callback: () => {} });
    await client.flush();
    assert.deepEqual(
      await app.act("request", { topic: "price.ask", message: { tea: 1 } }),
      { answer: { price: 3 } },
    );
    await assert.rejects(
      app.act("request", { topic: "nobody", message: null }),
      (error: Error) =>
        error instanceof RefusedError &&
        error.message === 'Nobody answers on "nobody"',
    );
    await assert.rejects(
      app.act("request", { topic: "silence", message: null }),
      (error: Error) =>
        error instanceof RetryableError &&
        error.message === "NATS has not answered within 200 ms",
    );
    await assert.rejects(
      app.act("dead_letters", {}),
      /"events" has no dead letters: its config has no jetstream/,
    );
  },
);

serverTest(
  "a reload of the document loses no message of NATS",
  server,
  async ({ url }) => {
    const subscriptions = [{ topic: "reload.*", handler: "one" }];
    await using app = await natsApplication({ url }, subscriptions);
    let isDone = false;
    let published = 0;
    const publishing = (async () => {
      for (; !isDone; published++) {
        await app.broker.publish("reload.x", published);
      }
    })();
    for (let round = 0; round < 5; round++) {
      const before = published;
      await until(() => published > before + 20);
      await app.app.reload(documentOf({ url }, [
        ...subscriptions,
        { topic: `other${round}`, handler: "one" },
      ]));
    }
    isDone = true;
    await publishing;
    await until(() => app.got.length >= published);
    assert.deepEqual(
      app.got.map(({ message }) => message.payload),
      Array.from({ length: published }, (_, index) => index),
    );
  },
);

// These make servers of their own, where there is one.

serverTest(
  "an application starts without NATS, says so, and is ready when there is one",
  server,
  async () => {
    await using server = await NatsServer.make();
    await using app = await natsApplication(
      { url: server.url, requestTimeout: "100ms" },
      [{ topic: "a.*", handler: "one" }],
    );
    const health = await app.health();
    assert.equal(health.status, "degraded");
    assert.match(
      health.message ?? "",
      /^Not connected to nats:\/\/127\.0\.0\.1:\d+: connection refused/,
    );
    assert.equal(await app.ready(), 503);
    await assert.rejects(
      app.broker.publish("a.b", 1),
      (error: Error) =>
        error instanceof RetryableError &&
        /^Not connected to nats:.*connection refused/.test(error.message),
    );
    await server.start();
    await until(async () => await app.ready() === 200);
    assert.deepEqual(await app.health(), { status: "healthy" });
    await app.broker.publish("a.b", 2);
    await until(() => app.got.length === 1);
    // One line for the reason, however often it was tried.
    const warnings = app.app.logs.filter(({ level }) => level === "warn");
    assert.equal(warnings.length, 1, JSON.stringify(warnings));

    await server.kill();
    await until(async () => await app.ready() === 503);
    assert.equal((await app.health()).status, "degraded");
    await server.start();
    await until(async () => await app.ready() === 200);
    await app.broker.publish("a.b", 3);
    await until(() => app.got.length === 2);
  },
);

serverTest(
  "a NATS server that stands still makes health and publishing say so in time",
  server,
  async () => {
    await using server = await NatsServer.make();
    await server.start();
    await using app = await natsApplication(
      { url: server.url, requestTimeout: "200ms" },
      [],
    );
    assert.equal(await app.ready(), 200);
    await server.signal("SIGSTOP");
    try {
      await assert.rejects(
        app.broker.publish("a.b", 1),
        (error: Error) =>
          error instanceof RetryableError &&
          error.message === "NATS has not answered within 200 ms",
      );
      const health = await app.health();
      assert.equal(health.status, "degraded");
      assert.match(health.message ?? "", /has not answered within 1000 ms$/);
      assert.equal(await app.ready(), 503);
    } finally {
      await server.signal("SIGCONT");
    }
    await until(async () => await app.ready() === 200);
  },
);

serverTest(
  "a password that NATS refuses is told of and not shown, and may be put right",
  server,
  async () => {
    await using server = await NatsServer.make({ isGuarded: true });
    await server.start();
    const { url } = server;
    const wrong = `${PASSWORD}-wrong`;
    await using app = await natsApplication(
      { url, user: USER, password: wrong },
      [],
    );
    const health = await app.health();
    assert.equal(health.status, "degraded");
    assert.match(health.message ?? "", /: '?Authorization Violation'?/i);
    assert.equal(await app.ready(), 503);
    const told = JSON.stringify([app.app.logs, app.app.events, health]);
    assert.ok(!told.includes(PASSWORD));

    await app.app.reload(
      documentOf({ url, user: USER, password: PASSWORD }, []),
    );
    assert.equal(await app.ready(), 200);
  },
);

serverTest(
  "a NATS server of several that is there is found, and takes a token",
  server,
  async () => {
    await using gone = await NatsServer.make();
    await using server = await NatsServer.make({ token: PASSWORD });
    await server.start();
    const servers = [gone.url, server.url];
    await using app = await natsApplication({ servers, token: PASSWORD }, []);
    assert.equal(await app.ready(), 200);
    await using other = await natsApplication({ servers, token: "x" }, []);
    assert.equal(await other.ready(), 503);
    assert.match((await other.health()).message ?? "", /authorization/i);
  },
);

serverTest(
  "what NATS does not permit, or is too large for it, is no published message",
  server,
  async () => {
    await using server = await NatsServer.make({ isGuarded: true });
    await server.start();
    await using app = await natsApplication(
      { url: server.url, user: USER, password: PASSWORD },
      [{ topic: "allowed.*", handler: "one" }],
    );
    await assert.rejects(
      app.broker.publish("forbidden.x", 1),
      (error: Error) =>
        error instanceof TerminalError &&
        error.message ===
          'Cannot publish to "forbidden.x": the server does not permit it',
    );
    await assert.rejects(
      app.broker.publish("allowed.x", "x".repeat(2_000_000)),
      (error: Error) =>
        error instanceof TerminalError && /payload/i.test(error.message),
    );
    await app.broker.publish("allowed.x", 2);
    await until(() => app.got.length === 1);
  },
);

serverTest(
  "an application that stops has handled what NATS had brought it",
  server,
  async ({ url }) => {
    const first = Promise.withResolvers<void>();
    const app = await natsApplication(
      { url },
      [{ topic: "drain.*", handler: "one" }],
      () => first.promise,
    );
    for (const n of [1, 2, 3, 4, 5]) await app.broker.publish("drain.x", n);
    const stopped = app.stop();
    first.resolve();
    await stopped;
    assert.deepEqual(
      app.got.map(({ message }) => message.payload),
      [1, 2, 3, 4, 5],
    );
    await assert.rejects(app.broker.publish("drain.x", 6));
  },
);

serverTest(
  "a subscriber that is too slow for NATS loses messages, and that is told",
  server,
  async ({ url }) => {
    const held = Promise.withResolvers<void>();
    await using app = await natsApplication(
      { url },
      [{ topic: "slow.*", handler: "one" }],
      () => held.promise,
    );
    const many = QUEUE_MESSAGES_MAX + 5;
    await Promise.all(
      Array.from({ length: many }, (_, n) => app.broker.publish("slow.x", n)),
    );
    await until(() =>
      app.app.logs.some(({ message }) =>
        message.startsWith('"one" is too slow: its queue is full')
      )
    );
    held.resolve();
    await until(() => app.got.length === QUEUE_MESSAGES_MAX);
  },
);
