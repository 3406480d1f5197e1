/** The dead letters of `messaging.nats`, against a real server. */
import assert from "node:assert/strict";
import { RetryableError, TerminalError } from "@engine/errors.ts";
import {
  jetstream,
  natsApplication,
  type Receive,
} from "./_nats_application.ts";
import { until } from "./eventually.ts";
import { serverOfFile } from "./nats_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

interface Letters {
  readonly letters: readonly {
    readonly id: string;
    readonly topic: string;
    readonly message: unknown;
    readonly attempts: number;
    readonly error: string;
  }[];
}

serverTest(
  "a message that fails comes again, becomes a dead letter, and can be replayed",
  server,
  async ({ url }) => {
    const attempts: number[] = [];
    let isRepaired = false;
    const receive: Receive = ({ payload, attempt }, handler) => {
      if (handler === "two" || isRepaired) return;
      if (payload === "never") throw new TerminalError("It makes no sense");
      attempts.push(attempt);
      throw new RetryableError("Not yet");
    };
    const config = { url, jetstream: jetstream("fails", { maxDeliver: 3 }) };
    await using app = await natsApplication(config, [
      { topic: "fails.*", handler: "one" },
      { topic: "fails.*", handler: "two" },
    ], receive);
    const letters = async () =>
      (await app.act("dead_letters", {}) as unknown as Letters).letters;
    await app.broker.publish("fails.a", { id: "o1" }, { via: ["link:a"] });
    await until(async () => (await letters()).length === 1);
    assert.deepEqual(attempts, [1, 2, 3]);
    await app.broker.publish("fails.b", "never");
    await until(async () => (await letters()).length === 2);
    const [first, second] = await letters();
    assert.deepEqual(
      { ...first, id: "", subscription: "", deadAt: 0 },
      {
        id: "",
        topic: "fails.a",
        message: { id: "o1" },
        subscription: "",
        attempts: 3,
        error: "Not yet",
        deadAt: 0,
      },
    );
    assert.equal(second?.attempts, 1);
    assert.equal(second?.error, "It makes no sense");
    const page = await app.act("dead_letters", { limit: 1 }) as unknown as
      & Letters
      & { next: string };
    const rest = await app.act("dead_letters", { after: page.next });
    assert.deepEqual((rest as unknown as Letters).letters, [second]);

    isRepaired = true;
    await app.act("replay", { id: first?.id ?? "" });
    await until(() => app.got.some(({ handler }) => handler === "one"));
    const replayed = app.got.find(({ handler }) => handler === "one");
    const original = app.got.find(({ handler }) => handler === "two");
    assert.equal(replayed?.message.id, original?.message.id);
    assert.deepEqual(replayed?.message.via, ["link:a"]);
    assert.deepEqual(await letters(), [second]);
    // The subscription that did not fail has had each message once.
    await app.broker.publish("fails.c", "last");
    await until(() => app.lines().includes('two fails.c "last"'));
    assert.equal(
      app.got.filter(({ handler }) => handler === "two").length,
      3,
    );
    await assert.rejects(
      app.act("replay", { id: first?.id ?? "" }),
      /There is no dead letter/,
    );
  },
);

serverTest(
  "a message that ends whoever handles it becomes a dead letter at last",
  server,
  async (server) => {
    const config = {
      url: server.url,
      jetstream: jetstream("poison", { maxDeliver: 1 }),
    };
    const subscriptions = [{ topic: "poison.*", handler: "one" }];
    const before = await natsApplication(config, subscriptions);
    await before.stop();
    await using client = await server.client();
    const { jetstream: open, jetstreamManager } = await import(
      "@nats-io/jetstream"
    );
    const manager = await jetstreamManager(client);
    const [consumer] = await manager.consumers.list("poison").next();
    await open(client).publish("poison.a", '"mine"');
    const pull = await open(client).consumers.get("poison", consumer?.name);
    // As ten processes that are killed would leave it.
    for (let n = 0; n < 10; n++) (await pull.next({ expires: 2_000 }))?.nak();
    await using after = await natsApplication(config, subscriptions);
    await until(async () => {
      const { letters } = await after.act(
        "dead_letters",
        {},
      ) as unknown as Letters;
      return letters[0]?.error === "It was handed out 11 times without end";
    });
    assert.deepEqual(after.got, []);
  },
);
