/** `messaging.kafka`: what becomes of its keys on a cluster. */
import assert from "node:assert/strict";
import { systemEffects } from "../../engine/effects.ts";
import { RetryableError, TerminalError } from "../../engine/errors.ts";
import {
  asAdmin,
  Inbox,
  newTopic,
  recordsOf,
  startKafkaApplication,
  writeRaw,
} from "./_kafka_application.ts";
import { eventually, until } from "./eventually.ts";
import { type Identity, makeIdentity, serverOfFile } from "./kafka_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

/** A handler that keeps what it gets until it is let go. */
function holding() {
  const inbox = new Inbox();
  const held: PromiseWithResolvers<void>[] = [];
  let mostAtOnce = 0;
  inbox.handle = async () => {
    const hold = Promise.withResolvers<void>();
    held.push(hold);
    mostAtOnce = Math.max(mostAtOnce, held.length);
    await hold.promise;
  };
  return {
    inbox,
    get heldCount() {
      return held.length;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    letOneGo: () => held.shift()?.resolve(),
    /** From now on nothing is held. */
    letAllGo() {
      inbox.handle = () => {};
      for (const hold of held.splice(0)) hold.resolve();
    },
  };
}

serverTest(
  "messaging.kafka is known to its servers by its clientId",
  server,
  async ({ address }) => {
    const topic = newTopic();
    const nameOf = async (config: Readonly<Record<string, unknown>>) => {
      const groupId = `${topic}-${config.clientId}`;
      await using app = await startKafkaApplication({
        config: { brokers: [address], groupId, ...config },
        subscriptions: [{ topic, handler: "log" }],
      });
      await app.ready();
      const { groups: [group] } = await asAdmin(
        address,
        (admin) => admin.describeGroups([groupId]),
      );
      return group?.members.map(({ clientId }) => clientId);
    };
    assert.deepEqual(await nameOf({ clientId: "tea-shop" }), ["tea-shop"]);
    assert.deepEqual(await nameOf({}), ["workflow"]);
  },
);

serverTest(
  "messaging.kafka publishes where one replica of two is left, unless acks asks for all",
  server,
  async (server) => {
    const { address } = server;
    const topic = newTopic();
    const start = (acks: string) =>
      startKafkaApplication({
        config: { brokers: [address], acks, timeout: "3s" },
      });
    await using all = await start("all");
    await using leader = await start("leader");
    {
      await using _second = await server.startSecond();
      const nodes = () => asAdmin(address, (admin) => admin.describeCluster());
      await eventually(nodes, ({ brokers }) => brokers.length === 2);
      await asAdmin(address, (admin) =>
        admin.createTopics({
          topics: [{
            topic,
            replicaAssignment: [{ partition: 0, replicas: [1, 2] }],
            configEntries: [{ name: "min.insync.replicas", value: "2" }],
          }],
        }));
      await all.broker.publish(topic, "both are there");
    }
    await assert.rejects(
      all.broker.publish(topic, "one is there"),
      (error) =>
        error instanceof RetryableError &&
        /not acknowledged within 3000 ms/.test(error.message),
    );
    await leader.broker.publish(topic, "one is enough");
  },
);

serverTest(
  "messaging.kafka learns that a message is refused, unless acks asks for none",
  server,
  async ({ address }) => {
    const topic = newTopic();
    await asAdmin(address, (admin) =>
      admin.createTopics({
        topics: [{
          topic,
          configEntries: [{ name: "max.message.bytes", value: "500" }],
        }],
      }));
    const start = (acks: string) =>
      startKafkaApplication({ config: { brokers: [address], acks } });
    const large = "x".repeat(1_000);
    await using leader = await start("leader");
    await assert.rejects(leader.broker.publish(topic, large), TerminalError);
    await using none = await start("none");
    await none.broker.publish(topic, large);
    await leader.broker.publish(topic, "small");
    const [first] = await recordsOf(address, topic, 1);
    assert.equal(first?.value, "small");
  },
);

serverTest(
  "messaging.kafka gives each message the key that its expression says, or none",
  server,
  async ({ address }) => {
    const topic = newTopic();
    const keysOf = async (key?: string) => {
      const to = `${topic}.${key === undefined ? "plain" : "keyed"}`;
      await using app = await startKafkaApplication({
        config: {
          brokers: [address],
          ...(key === undefined ? {} : { key }),
        },
      });
      await app.broker.publish(to, { customer: "ann", order: 7 });
      await app.broker.publish(to, { customer: "bob", order: 8 });
      if (key !== undefined) {
        await assert.rejects(
          app.broker.publish(to, { order: 9 }),
          /its key cannot be computed/,
        );
      }
      const records = await recordsOf(address, to, 2);
      return records.map(({ key }) => key).toSorted();
    };
    assert.deepEqual(
      await keysOf("topic + '/' + payload.customer"),
      [`${topic}.keyed/ann`, `${topic}.keyed/bob`],
    );
    assert.deepEqual(await keysOf(), [null, null]);
  },
);

serverTest(
  "messaging.kafka knows a message again that is written twice, unless messageIds are off",
  server,
  async ({ address }) => {
    const topic = newTopic();
    const idsOf = async (messageIds: boolean) => {
      const to = `${topic}.${messageIds}`;
      await using app = await startKafkaApplication({
        config: {
          brokers: [address],
          groupId: to,
          startFrom: "earliest",
          messageIds,
        },
        subscriptions: [{ topic: to, handler: "log" }],
      });
      await app.broker.publish(to, "paid");
      await writeRaw(address, to, await recordsOf(address, to, 1));
      await app.inbox.until(() => app.inbox.got.length === 2);
      return app.inbox.got.map(({ id }) => id);
    };
    const [id, again] = await idsOf(true);
    assert.equal(id, again);
    const places = await idsOf(false);
    assert.equal(new Set(places).size, 2);
    for (const place of places) {
      assert.match(place, new RegExp(`^${topic}\\.false/\\d/\\d$`));
    }
  },
);

serverTest(
  "messaging.kafka handles as many partitions at a time as concurrency says",
  server,
  async ({ address }) => {
    const topic = newTopic();
    await asAdmin(
      address,
      (admin) => admin.createTopics({ topics: [{ topic, numPartitions: 3 }] }),
    );
    const records = [0, 1, 2].map((partition) => ({
      value: String(partition),
      partition,
    }));
    await writeRaw(address, topic, records);
    const start = (concurrency: number, inbox: Inbox) =>
      startKafkaApplication({
        config: {
          brokers: [address],
          groupId: `${topic}-${concurrency}`,
          startFrom: "earliest",
          concurrency,
        },
        subscriptions: [{ topic, handler: "log" }],
        inbox,
      });
    const three = holding();
    await using _three = await start(3, three.inbox);
    await until(() => three.heldCount === 3);
    three.letAllGo();
    const one = holding();
    await using _one = await start(1, one.inbox);
    for (const _ of records) {
      await until(() => one.heldCount > 0);
      one.letOneGo();
    }
    await until(() => one.inbox.got.length === 3);
    assert.equal(one.mostAtOnce, 1);
  },
);

/** The real world, but that no timer calls back while it is stopped. */
function stoppable() {
  const effects = systemEffects();
  const { clock } = effects;
  let isStopped = false;
  return {
    effects: {
      ...effects,
      clock: {
        ...clock,
        after: (ms: number, callback: () => void) =>
          clock.after(ms, () => {
            if (!isStopped) callback();
          }),
      },
    },
    stop: () => isStopped = true,
    goOn: () => isStopped = false,
  };
}

serverTest(
  "messaging.kafka leaves its partitions to others once it was silent for its sessionTimeout",
  server,
  async ({ address }) => {
    const topic = newTopic();
    await writeRaw(address, topic, ["1"]);
    const start = async (sessionTimeout: string) => {
      const options = {
        config: {
          brokers: [address],
          groupId: `${topic}-${sessionTimeout}`,
          startFrom: "earliest",
          sessionTimeout,
        },
        subscriptions: [{ topic, handler: "log" }],
      };
      const hold = holding();
      const { effects, stop, goOn } = stoppable();
      const silent = await startKafkaApplication({
        ...options,
        effects,
        inbox: hold.inbox,
      });
      await until(() => hold.heldCount === 1);
      stop();
      const other = await startKafkaApplication(options);
      return {
        other,
        async [Symbol.asyncDispose]() {
          goOn();
          hold.letAllGo();
          await silent.app.stop();
          await other.app.stop();
        },
      };
    };
    // The longer one begins first, and would end first if both were as long.
    await using long = await start("50s");
    await using short = await start("6s");
    await short.other.inbox.until(() => short.other.inbox.got.length === 1);
    assert.deepEqual(long.other.inbox.got, []);
  },
);

serverTest(
  "messaging.kafka shows its certificate to servers that ask for one",
  server,
  async ({ mutualAddress, certificate, client }) => {
    const topic = newTopic();
    const answers = async (identity: Partial<Identity>, expected: RegExp) => {
      await using app = await startKafkaApplication({
        config: {
          brokers: [mutualAddress],
          ssl: { ca: certificate, ...identity },
        },
      });
      // A server that refuses may be gone before it could say why.
      const { status } = await eventually(
        app.health,
        ({ message = "" }) => expected.test(message),
      );
      if (status === "healthy") await app.broker.publish(topic, "paid");
      return status;
    };
    assert.equal(await answers(client, /^connected$/), "healthy");
    const stranger = await makeIdentity("stranger");
    assert.equal(await answers({}, /certificate/i), "degraded");
    assert.equal(await answers(stranger, /certificate/i), "degraded");
    const mixed = { cert: client.cert, key: stranger.key };
    assert.equal(await answers(mixed, /^Connection error/), "degraded");
  },
);
