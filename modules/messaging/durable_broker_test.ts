import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule, type Host } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import { Broker, type Message } from "@engine/services/broker.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { memoryStore } from "../../engine/store/memory.ts";
import type { Store } from "../../engine/store/store.ts";
import { startApplication } from "@engine/testing.ts";
import messaging from "../../workflows/types/messaging.ts";
import { FAULTS, faultyStore } from "../../tests/_faulty_store.ts";
import { REMOVED_AFTER_MS } from "./_durable_broker.ts";
import { DRAIN_MS } from "../_memory_broker/memory_broker.ts";
import broker from "./broker.ts";
import handler from "./handler.ts";

/** What takers do, and what they have got. */
interface World {
  readonly effects: ReturnType<typeof simulatedEffects>;
  readonly store: Store;
  readonly got: string[];
  readonly messages: Message[];
  receive: (name: string, message: Message) => void | Promise<void>;
}

function newWorld(): World {
  const effects = simulatedEffects();
  return {
    effects,
    store: memoryStore({ now: effects.clock.now }),
    got: [],
    messages: [],
    receive: () => {},
  };
}

/** A module that hands its messages to the test. */
function takerOf(world: World) {
  return defineModule({
    type: "test.taker",
    summary: "Takes messages",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [MessageHandler],
    examples: [],
    create: (_config, host: Host) => ({
      async receive(message: Message) {
        await world.receive(host.name, message);
        world.messages.push(message);
        world.got.push(`${host.name} ${message.payload}`);
      },
    }),
  });
}

interface DocumentOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly subscriptions?: readonly { topic: string; handler: string }[];
}

const AUDIT = { topic: "order.*", handler: "audit" };
const MAIL = { topic: "order.paid", handler: "mail" };

function documentOf(options: DocumentOptions = {}) {
  const { config = {}, subscriptions = [AUDIT, MAIL] } = options;
  return {
    modules: [
      {
        name: "events",
        type: "messaging.broker",
        config: { durable: true, ...config },
      },
      { name: "audit", type: "test.taker" },
      { name: "mail", type: "test.taker" },
    ],
    workflows: { messaging: { broker: "events", subscriptions } },
  };
}

async function start(world: World, options: DocumentOptions = {}) {
  const app = await startApplication({
    document: documentOf(options),
    definitions: [broker, messaging, takerOf(world)],
    effects: world.effects,
    store: world.store,
  });
  return { app, broker: app.service(Broker), stop: () => app.stop() };
}

Deno.test("A durable broker delivers to every named subscription in order of publication", async () => {
  const world = newWorld();
  const it = await start(world);
  await Promise.all([1, 2, 3].map((n) => it.broker.publish("order.paid", n)));
  await it.broker.publish("order.sent", 4, { via: ["test/a"] });
  await world.effects.advance(0);
  assert.deepEqual(world.got.filter((line) => line.startsWith("audit")), [
    "audit 1",
    "audit 2",
    "audit 3",
    "audit 4",
  ]);
  assert.deepEqual(world.got.filter((line) => line.startsWith("mail")), [
    "mail 1",
    "mail 2",
    "mail 3",
  ]);
  const last = world.messages.at(-1);
  assert.deepEqual({ ...last, id: "" }, {
    id: "",
    topic: "order.sent",
    payload: 4,
    publishedAt: world.effects.clock.now(),
    attempt: 1,
    via: ["test/a"],
  });
  await it.stop();
});

Deno.test("A durable broker has what was published before a restart", async () => {
  const world = newWorld();
  const slow = Promise.withResolvers<void>();
  world.receive = () => slow.promise;
  const first = await start(world, { config: { leaseMs: 1_000 } });
  for (const n of [1, 2, 3]) await first.broker.publish("order.paid", n);
  await world.effects.advance(0);
  const stopped = first.stop();
  await world.effects.advance(DRAIN_MS);
  await stopped;
  assert.equal(world.got.length, 0);

  // The first process is gone, with one message of each subscription in hand.
  world.receive = () => {};
  const second = await start(world, { config: { leaseMs: 1_000 } });
  await second.broker.publish("order.paid", 4);
  await world.effects.advance(3_000);
  assert.deepEqual(
    world.got.filter((line) => line.startsWith("mail")),
    ["mail 1", "mail 2", "mail 3", "mail 4"],
  );
  const attempts = world.messages.filter(({ payload }) => payload === 1)
    .map(({ attempt }) => attempt);
  assert.deepEqual(attempts, [2, 2]);
  await second.stop();
  slow.resolve();
});

Deno.test("A durable broker delivers again with the same id, and nothing overtakes", async () => {
  const world = newWorld();
  const seen: Message[] = [];
  world.receive = (name, message) => {
    if (name !== "mail") return;
    seen.push(message);
    if (message.payload === 1 && message.attempt < 3) throw new Error("busy");
  };
  const it = await start(world, { config: { retryBackoffMs: 100 } });
  for (const n of [1, 2]) await it.broker.publish("order.paid", n);
  await world.effects.advance(99);
  assert.deepEqual(world.got, ["audit 1", "audit 2"]);
  await world.effects.advance(201);
  assert.deepEqual(seen.map(({ payload, attempt }) => [payload, attempt]), [
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 1],
  ]);
  assert.equal(new Set(seen.map(({ id }) => id)).size, 2);
  const errors = it.app.logs.filter(({ level }) => level === "error");
  assert.equal(
    errors[0]?.message,
    '"mail" failed to handle a message at attempt 1: busy',
  );
  await it.stop();
});

Deno.test("A durable broker buries what fails at every attempt, and goes on", async () => {
  const world = newWorld();
  world.receive = (name, { payload }) => {
    if (name === "mail" && payload === 1) throw new Error("no such address");
    if (name === "mail" && payload === 2) throw new TerminalError("no order");
  };
  const it = await start(world, {
    config: { attemptsMax: 2, retryBackoffMs: 10 },
  });
  for (const n of [1, 2, 3]) await it.broker.publish("order.paid", n);
  await world.effects.advance(100);
  assert.ok(world.got.includes("mail 3"));
  const { deadLetters } = it.app.application.queues;
  const { letters } = await deadLetters.list();
  assert.deepEqual(
    letters.map(({ source, error, attempts }) => [
      source.name,
      error,
      attempts,
    ]),
    [
      ["events/mail/order.paid", "no such address", 2],
      ["events/mail/order.paid", "no order", 1],
    ],
  );
  world.receive = () => {};
  const [letter] = letters;
  await deadLetters.replay(letter?.id ?? "");
  await world.effects.advance(0);
  assert.equal(world.got.at(-1), "mail 1");
  assert.equal(world.messages.at(-1)?.attempt, 1);
  await it.stop();
});

Deno.test("A durable broker handles several at a time where it is told to", async () => {
  for (const concurrency of [1, 3]) {
    const world = newWorld();
    let most = 0;
    let underWay = 0;
    world.receive = async () => {
      most = Math.max(most, ++underWay);
      await world.effects.clock.sleep(10);
      underWay--;
    };
    const it = await start(world, {
      config: { concurrency },
      subscriptions: [AUDIT],
    });
    for (let i = 0; i < 9; i++) await it.broker.publish("order.paid", i);
    await world.effects.advance(200);
    assert.equal(most, concurrency);
    assert.equal(world.got.length, 9);
    await it.stop();
  }
});

Deno.test("A durable broker refuses a message for which one subscription has no room", async () => {
  const world = newWorld();
  const slow = Promise.withResolvers<void>();
  world.receive = (name) => name === "mail" ? slow.promise : undefined;
  const it = await start(world, { config: { queueDepthMax: 2 } });
  await it.broker.publish("order.paid", 1);
  await it.broker.publish("order.paid", 2);
  await world.effects.advance(0);
  await assert.rejects(it.broker.publish("order.paid", 3), {
    name: "RetryableError",
    message: 'Cannot send to queue "events/mail/order.paid": it holds 2 ' +
      "messages, the limit depthMax is 2 messages",
  });
  await it.broker.publish("order.sent", 4);
  slow.resolve();
  await world.effects.advance(0);
  assert.deepEqual(world.got.filter((line) => /[34]/.test(line)), ["audit 4"]);
  await it.broker.publish("order.paid", 5);
  await it.stop();
});

Deno.test("A durable broker keeps publishing and delivering through a reload", async () => {
  const world = newWorld();
  const it = await start(world);
  await it.broker.publish("order.paid", 1);
  await it.app.reload(documentOf({ subscriptions: [MAIL] }));
  await it.broker.publish("order.paid", 2);
  await world.effects.advance(REMOVED_AFTER_MS);
  // From here on the audit is removed: it gets nothing, and keeps what it had.
  await it.broker.publish("order.paid", 3);
  await world.effects.advance(0);
  assert.deepEqual(world.got, ["mail 1", "mail 2", "mail 3"]);
  await it.app.reload(documentOf());
  await it.broker.publish("order.paid", 4);
  await world.effects.advance(0);
  assert.deepEqual(world.got.filter((line) => line.startsWith("audit")), [
    "audit 1",
    "audit 2",
    "audit 4",
  ]);
  await it.stop();
});

Deno.test("A durable broker that a reload replaces loses nothing", async () => {
  const world = newWorld();
  const it = await start(world);
  const old = it.broker;
  await old.publish("order.paid", 1);
  await it.app.reload(documentOf({ config: { attemptsMax: 9 } }));
  await it.app.service(Broker).publish("order.paid", 2);
  await world.effects.advance(0);
  assert.deepEqual(world.got.toSorted(), [
    "audit 1",
    "audit 2",
    "mail 1",
    "mail 2",
  ]);
  await assert.rejects(old.publish("order.paid", 3), {
    message: 'Cannot publish to "order.paid": "events" has stopped',
  });
  await it.stop();
});

Deno.test("A durable broker gives subscribers without a name what comes while they are there", async () => {
  const world = newWorld();
  const it = await start(world, { subscriptions: [] });
  const got: Message[] = [];
  await it.broker.publish("order.paid", 1);
  const end = it.broker.subscribe("order.*", (message) => {
    got.push(message);
    throw new Error("not delivered again");
  });
  await it.broker.publish("order.paid", 2);
  await world.effects.advance(10_000);
  end();
  await it.broker.publish("order.paid", 3);
  await world.effects.advance(0);
  assert.deepEqual(got.map(({ payload, attempt }) => [payload, attempt]), [
    [2, 1],
  ]);
  assert.deepEqual(await it.app.application.queues.stats(), []);
  await it.stop();
});

Deno.test("A durable broker tells two subscriptions of one name and pattern apart", async () => {
  const world = newWorld();
  const it = await start(world, { subscriptions: [MAIL, MAIL] });
  await it.broker.publish("order.paid", 1);
  await world.effects.advance(0);
  assert.deepEqual(world.got, ["mail 1", "mail 1"]);
  await it.stop();
});

Deno.test("A durable broker lets an implied subscription give way to a stated one", async () => {
  const world = newWorld();
  const it = await start(world, { subscriptions: [] });
  const got: string[] = [];
  it.broker.subscribe("**", ({ payload }) => void got.push(`own ${payload}`), {
    name: "mail",
    implied: true,
  });
  it.broker.subscribe(
    "order.paid",
    ({ payload }) => void got.push(`stated ${payload}`),
    { name: "mail" },
  );
  await it.broker.publish("order.paid", 1);
  await it.broker.publish("other", 2);
  await world.effects.advance(0);
  assert.deepEqual(got, ["stated 1", "own 2"]);
  await it.stop();
});

Deno.test("A durable broker refuses what is no topic and no pattern", async () => {
  const world = newWorld();
  const it = await start(world);
  await assert.rejects(it.broker.publish("order.*", 1), {
    code: "invalid-input",
  });
  assert.throws(() => it.broker.subscribe("", () => {}, { name: "a" }), {
    code: "invalid-input",
  });
  await it.stop();
});

Deno.test("messaging.broker warns of settings that need durable", async () => {
  const app = await startApplication({
    document: {
      modules: [{
        name: "events",
        type: "messaging.broker",
        config: { leaseMs: 1_000, concurrency: 2 },
      }],
    },
    definitions: [broker, handler],
  });
  const warnings = app.logs.filter(({ level }) => level === "warn");
  assert.deepEqual(warnings.map(({ fields }) => fields.code), [
    "ineffective-key",
    "ineffective-key",
  ]);
  assert.match(
    warnings[0]?.message ?? "",
    /leaseMs has no effect: the broker is not durable/,
  );
  await app.stop();
});

for (const [name, fault] of Object.entries(FAULTS)) {
  Deno.test(`A durable broker loses nothing accepted where its process ${name} any one commit`, async () => {
    // Every commit of one life is made to fail; a second life on the same store
    // has to deliver whatever the first one has accepted.
    for (let at = 3; at <= 20; at++) {
      const world = newWorld();
      const broken = faultyStore(
        world.store,
        (commit) => commit === at ? fault : undefined,
      );
      const accepted: number[] = [];
      const config = { leaseMs: 5_000, attemptsMax: 5 };
      const life = (async () => {
        const it = await start({ ...world, store: broken.store }, { config });
        for (let n = 0; n < 6; n++) {
          // A failed call may be made again; a dead process makes none.
          await it.broker.publish("order.paid", n).then(
            () => accepted.push(n),
            () => {},
          );
          await world.effects.advance(20);
        }
        await it.stop();
      })();
      // What fails to start has accepted nothing.
      await Promise.race([life.catch(() => {}), broken.died]);
      const it = await start(world, { config });
      await world.effects.advance(40_000);
      for (const n of accepted) {
        for (const taker of ["audit", "mail"]) {
          assert.ok(
            world.got.includes(`${taker} ${n}`),
            `${taker} ${n} is lost at ${at}: ${world.got}`,
          );
        }
      }
      const { queues } = it.app.application;
      for (const { name, depth, dead } of await queues.stats()) {
        assert.deepEqual([depth, dead], [0, 0], `${name} at ${at}`);
      }
      await it.stop();
    }
  });
}
