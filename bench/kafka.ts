/**
 * Messages a second through `messaging.kafka` and through its client library
 * alone, in turns, on an Apache Kafka of this machine, which it starts and removes
 * (fetched by `tests/services/install_kafka.sh`).
 *
 *     deno run -A bench/kafka.ts
 *
 * Both keep a thousand messages in flight, publish JSON under a key and parse what
 * they read. A rate counts from the first message published to the last handled.
 *
 * @module
 */
import kafkajs from "kafkajs";
import { z } from "zod";
import { definitions } from "../catalog.gen.ts";
import { defineModule } from "../engine/define.ts";
import { systemEffects } from "../engine/effects.ts";
import { Broker } from "../engine/services/broker.ts";
import { HealthReporter } from "../engine/services/health_reporter.ts";
import { MessageHandler } from "../engine/services/message_handler.ts";
import { startApplication } from "../engine/testing.ts";
import { startKafka } from "../tests/services/kafka_server.ts";

const IN_FLIGHT = 1_000;
const MESSAGES = 100_000;
const ROUNDS = 5;
const NOTE = "x".repeat(200);

/** One way to publish and to read. */
interface Way {
  /** Publishes so many, and resolves when all are handled. */
  carry(count: number): Promise<void>;
  end(): Promise<void>;
}

const payloadOf = (n: number) => ({ orderId: `o-${n % 100}`, n, note: NOTE });

/** Tells when so many were handled. */
class Counter {
  #left = 0;
  #done = Promise.withResolvers<void>();

  expect(count: number): Promise<void> {
    this.#left = count;
    this.#done = Promise.withResolvers();
    return this.#done.promise;
  }

  count(): void {
    if (--this.#left === 0) this.#done.resolve();
  }
}

/** @param withIds Write a header as the module does. */
async function bareLibrary(
  address: string,
  topic: string,
  withIds: boolean,
): Promise<Way> {
  const { ids } = systemEffects();
  const kafka = new kafkajs.Kafka({
    brokers: [address],
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  const topics = [{ topic, numPartitions: 3 }];
  await admin.createTopics({ topics });
  await admin.disconnect();
  const producer = kafka.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 500 });
  const counter = new Counter();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const joined = Promise.withResolvers<void>();
  consumer.on(consumer.events.GROUP_JOIN, () => joined.resolve());
  await consumer.run({
    partitionsConsumedConcurrently: 4,
    eachBatch({ batch, resolveOffset }) {
      for (const { value, offset } of batch.messages) {
        JSON.parse(String(value));
        counter.count();
        resolveOffset(offset);
      }
      return Promise.resolve();
    },
  });
  await joined.promise;
  return {
    async carry(count) {
      const handled = counter.expect(count);
      for (let n = 0; n < count; n += IN_FLIGHT) {
        const messages = Array.from({ length: IN_FLIGHT }, (_, each) => {
          const payload = payloadOf(n + each);
          return {
            key: payload.orderId,
            value: JSON.stringify(payload),
            ...(withIds ? { headers: { "workflow-id": ids.next() } } : {}),
          };
        });
        await producer.send({ topic, messages });
      }
      await handled;
    },
    async end() {
      await consumer.disconnect();
      await producer.disconnect();
    },
  };
}

async function throughModule(
  address: string,
  topic: string,
  messageIds: boolean,
): Promise<Way> {
  const counter = new Counter();
  const handler = defineModule({
    type: "bench.handler",
    summary: "Counts messages",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [MessageHandler],
    examples: [],
    create: () => ({ receive: () => counter.count() }),
  });
  const app = await startApplication({
    document: {
      modules: [
        {
          name: "kafka",
          type: "messaging.kafka",
          config: {
            brokers: [address],
            groupId: topic,
            keyField: "orderId",
            startFrom: "earliest",
            messageIds,
          },
        },
        { name: "handler", type: "bench.handler" },
      ],
      workflows: {
        messaging: {
          broker: "kafka",
          subscriptions: [{ topic, handler: "handler" }],
        },
      },
    },
    definitions: [...definitions, handler],
    effects: systemEffects(),
  });
  const reporter = app.service(HealthReporter);
  while ((await reporter.health()).message !== "consuming") {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const broker = app.service(Broker);
  return {
    async carry(count) {
      const handled = counter.expect(count);
      let next = 0;
      await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
        while (next < count) await broker.publish(topic, payloadOf(next++));
      }));
      await handled;
    },
    end: () => app.stop(),
  };
}

async function rateOf(way: Way): Promise<number> {
  const start = performance.now();
  await way.carry(MESSAGES);
  return MESSAGES * 1_000 / (performance.now() - start);
}

const median = (rates: readonly number[]) =>
  rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0;

if (import.meta.main) {
  await using server = await startKafka();
  const { address } = server;
  const ways: Readonly<Record<string, Way>> = {
    "kafkajs alone": await bareLibrary(address, "bare", false),
    "kafkajs alone, with an id in a header": await bareLibrary(
      address,
      "bare-ids",
      true,
    ),
    "messaging.kafka": await throughModule(address, "module", true),
    "messaging.kafka, messageIds: false": await throughModule(
      address,
      "module-bare",
      false,
    ),
  };
  const rates = new Map<string, number[]>();
  // The first round warms up everybody, and the server.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const rate = await rateOf(way);
      if (round > 0) rates.set(name, [...rates.get(name) ?? [], rate]);
    }
  }
  for (const way of Object.values(ways)) await way.end();
  for (const [name, all] of rates) {
    const each = all.map((rate) => rate.toFixed(0)).join(" ");
    console.log(
      `${name.padEnd(40)}${median(all).toFixed(0)} a second (${each})`,
    );
  }
}
