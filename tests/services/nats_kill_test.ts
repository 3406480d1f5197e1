/**
 * What is killed under load: the NATS server, and the application. What was
 * acknowledged is handled, once or more often.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { RetryableError } from "@engine/errors.ts";
import { type RunningProcess, startProcess } from "../_process.ts";
import { type NatsApplication, natsApplication } from "./_nats_application.ts";
import { until } from "./eventually.ts";
import { NatsServer, serverOfFile } from "./nats_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

/** Publishers at a time. */
const PUBLISHERS = 32;

/** Publishes numbers until it is ended, and knows which were acknowledged. */
class Load {
  readonly acknowledged: number[] = [];
  readonly #app: NatsApplication;
  readonly #publishers: Promise<void>[];
  #next = 0;
  #isEnded = false;
  /** Publications of which nobody knows whether they arrived. */
  unknown = 0;

  constructor(app: NatsApplication, topic: string) {
    this.#app = app;
    this.#publishers = Array.from(
      { length: PUBLISHERS },
      () => this.#publish(topic),
    );
  }

  async more(count: number): Promise<void> {
    const wanted = this.acknowledged.length + count;
    await until(() => this.acknowledged.length >= wanted);
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    await Promise.all(this.#publishers);
  }

  async #publish(topic: string): Promise<void> {
    while (!this.#isEnded) {
      const number = this.#next++;
      try {
        await this.#app.broker.publish(topic, number);
        this.acknowledged.push(number);
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        this.unknown++;
      }
    }
  }
}

serverTest(
  "what JetStream has acknowledged is handled, though its server is killed under load",
  server,
  async () => {
    await using server = await NatsServer.make();
    await server.start();
    const config = {
      url: server.url,
      requestTimeout: "2s",
      jetstream: {
        stream: "load",
        subjects: ["load.*"],
        ackWait: "1s",
        retryBackoff: "10ms",
        maxDeliver: 100,
      },
    };
    await using app = await natsApplication(config, [
      { topic: "load.*", handler: "one" },
    ]);
    const load = new Load(app, "load.x");
    for (let round = 0; round < 3; round++) {
      await load.more(500);
      await server.kill();
      assert.equal(await app.ready(), 503);
      assert.equal((await app.health()).status, "degraded");
      await server.start();
      await until(async () => await app.ready() === 200);
    }
    await load.more(500);
    await load.end();
    const handled = () =>
      new Set(app.got.map(({ message }) => Number(message.payload)));
    await until(() => handled().size >= load.acknowledged.length);
    const seen = handled();
    const lost = load.acknowledged.filter((number) => !seen.has(number));
    assert.deepEqual(lost, []);
    // What comes twice says so by its id, and by its attempt where it was handed out.
    const ids = new Set(app.got.map(({ message }) => message.id));
    assert.equal(ids.size, seen.size);
  },
);

serverTest(
  "core NATS goes on after its server was killed, with what it is given then",
  server,
  async () => {
    await using server = await NatsServer.make();
    await server.start();
    await using app = await natsApplication(
      { url: server.url, requestTimeout: "2s" },
      [{ topic: "core.*", handler: "one" }],
    );
    const load = new Load(app, "core.x");
    await load.more(500);
    await server.kill();
    await until(async () => await app.ready() === 503);
    await server.start();
    await until(async () => await app.ready() === 200);
    const before = load.acknowledged.length;
    await load.more(500);
    await load.end();
    const since = load.acknowledged.slice(before + PUBLISHERS);
    const seen = () =>
      new Set(app.got.map(({ message }) => Number(message.payload)));
    await until(() => since.every((number) => seen().has(number)));
    assert.equal(seen().size, app.got.length);
  },
);

/** Takes from one stream, and forwards to another subject of it. */
function forwarding(url: string): string {
  return JSON.stringify({
    modules: [
      {
        name: "events",
        type: "messaging.nats",
        config: {
          url,
          jetstream: {
            stream: "work",
            subjects: ["work.**"],
            ackWait: "1s",
            maxDeliver: 100,
          },
        },
      },
      { name: "worker", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        broker: "events",
        subscriptions: [{ topic: "work.in.*", handler: "worker" }],
        producers: [{ name: "worker", forwardTo: ["work.out"] }],
      },
    },
  });
}

serverTest(
  "what JetStream has is handled, though the application is killed under load",
  server,
  async (server) => {
    const folder = await Deno.makeTempDir();
    const document = join(folder, "work.yaml");
    await Deno.writeTextFile(document, forwarding(server.url));
    const start = (): Promise<RunningProcess> =>
      startProcess(["--management-address", "127.0.0.1:0", document], {
        env: { WORKFLOW_DATA: join(folder, "data") },
      });
    try {
      const first = await start();
      await using client = await server.client();
      const js = jetstream(client);
      const sent = 3_000;
      const out = new Set<number>();
      client.subscribe("work.out", {
        callback: (_error, message) => void out.add(message.json<number>()),
      });
      const publishing = (async () => {
        for (let number = 0; number < sent; number += 100) {
          await Promise.all(Array.from(
            { length: 100 },
            (_, index) => js.publish("work.in.a", String(number + index)),
          ));
        }
      })();
      await until(() => out.size > 300);
      await first.end("SIGKILL");
      const atKill = out.size;
      await using second = await start();
      await publishing;
      await until(() => out.size === sent, 60_000);
      assert.ok(atKill < sent);
      const manager = await jetstreamManager(client);
      await until(async () => {
        const [consumer] = await manager.consumers.list("work").next();
        return consumer?.num_ack_pending === 0 && consumer.num_pending === 0;
      });
      assert.equal(await second.end("SIGTERM"), 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
