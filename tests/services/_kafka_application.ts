/**
 * Applications on a real cluster, and what their handlers get.
 *
 * @module
 */
import kafkajs from "kafkajs";
import { z } from "zod";
import { definitions } from "../../catalog.gen.ts";
import { defineModule, type Host } from "../../engine/define.ts";
import { type Effects, systemEffects } from "../../engine/effects.ts";
import { Actions } from "../../engine/services/actions.ts";
import { Broker, type Message } from "../../engine/services/broker.ts";
import { HealthReporter } from "../../engine/services/health_reporter.ts";
import { MessageHandler } from "../../engine/services/message_handler.ts";
import { startApplication } from "../../engine/testing.ts";
import type { KafkaMessage } from "../../modules/messaging/_kafka/record.ts";
import type { KafkaPublishOptions } from "../../modules/messaging/_kafka/kafka_broker.ts";

/** A broker that takes keys and headers. */
type KafkaBroker = Broker & {
  publish(
    topic: string,
    payload: Message["payload"],
    options?: KafkaPublishOptions,
  ): Promise<void>;
};

/** What handlers of one application have got, and what they do with it. */
export class Inbox {
  readonly got: (KafkaMessage & { readonly by: string })[] = [];
  /** Throws to fail. */
  handle: (message: KafkaMessage, by: string) => void | Promise<void> =
    () => {};
  #next = Promise.withResolvers<void>();

  async receive(message: KafkaMessage, by: string): Promise<void> {
    await this.handle(message, by);
    this.got.push({ ...message, by });
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  /** The payloads, in order of arrival. */
  get payloads(): Message["payload"][] {
    return this.got.map(({ payload }) => payload);
  }

  /** Resolves once so many different payloads have come. */
  async distinct(count: number): Promise<void> {
    const different = () =>
      new Set(this.payloads.map((each) => JSON.stringify(each))).size;
    await this.until(() => different() >= count);
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await this.next();
  }

  /** Resolves when something more has come. */
  next(): Promise<void> {
    return this.#next.promise;
  }
}

/** What makes an application. */
export interface ApplicationOptions {
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbox?: Inbox;
  readonly subscriptions?: readonly {
    readonly topic: string;
    readonly handler: string;
  }[];
  readonly pipelines?: Readonly<Record<string, unknown>>;
  /** @default the real world */
  readonly effects?: Effects;
}

/** An application that has a cluster as the module `kafka`. */
export async function startKafkaApplication(options: ApplicationOptions) {
  const { inbox = new Inbox(), subscriptions = [], effects = systemEffects() } =
    options;
  const app = await startApplication({
    document: documentOf(options),
    definitions: [...definitions, takerOf(inbox)],
    effects,
  });
  const health = () => app.service(HealthReporter, "kafka").health();
  return {
    app,
    inbox,
    health,
    broker: app.service(Broker, "kafka") as KafkaBroker,
    async ready() {
      const status = subscriptions.length > 0 ? "consuming" : "connected";
      await eventually(async () => (await health()).message === status);
    },
    /** Resolves when a line begins with a text. */
    logged: (start: string) =>
      eventually(() =>
        app.logs.some(({ message }) => message.startsWith(start))
      ),
    /** Resolves when the group has handled and committed all. */
    async caughtUp() {
      await eventually(async () => {
        const lag = { signal: NEVER, idempotencyKey: "lag" };
        const told = await app.service(Actions, "kafka").act("lag", {}, lag);
        return (told as { readonly total: number }).total === 0;
      });
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

/** Asks until the answer is yes: for what tells nobody when it happens. */
export async function eventually(
  ask: () => Promise<boolean> | boolean,
): Promise<void> {
  while (!await ask()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Records as anybody finds them in a topic, from its beginning. */
export async function recordsOf(
  address: string,
  topic: string,
  count: number,
): Promise<readonly RawRecord[]> {
  const consumer = clientOf(address).consumer({ groupId: `raw-${topic}` });
  const records: RawRecord[] = [];
  const complete = Promise.withResolvers<void>();
  await consumer.connect();
  // A topic that is being made is not known at once.
  await eventually(() =>
    consumer.subscribe({ topic, fromBeginning: true })
      .then(() => true, () => false)
  );
  await consumer.run({
    eachMessage({ message: { key, value, headers = {} } }) {
      const texts = Object.entries(headers).map(([name, text]) =>
        [name, String(text)] as const
      );
      records.push({
        key: key === null ? null : String(key),
        value: value === null ? null : String(value),
        headers: Object.fromEntries(texts),
      });
      if (records.length >= count) complete.resolve();
      return Promise.resolve();
    },
  });
  await complete.promise;
  await consumer.disconnect();
  return records;
}

/** What a client without the module sees. */
export interface RawRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Writes as others do, who know nothing of the module. */
export async function writeRaw(
  address: string,
  topic: string,
  records: readonly (string | null | NewRawRecord)[],
): Promise<void> {
  const producer = clientOf(address).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const messages = records.map((record) =>
    record === null || typeof record === "string" ? { value: record } : record
  );
  await producer.send({ topic, messages });
  await producer.disconnect();
}

/** A record that says more than its value. */
interface NewRawRecord {
  readonly value: string | null;
  readonly headers?: Record<string, string>;
  readonly partition?: number;
}

/** Asks a cluster what its administrators ask. */
export async function asAdmin<T>(
  address: string,
  ask: (admin: kafkajs.Admin) => Promise<T>,
): Promise<T> {
  const admin = clientOf(address).admin();
  await admin.connect();
  try {
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}

function clientOf(address: string) {
  return new kafkajs.Kafka({
    brokers: [address],
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

const NEVER = new AbortController().signal;

let topics = 0;

/** The name of a topic that nobody else uses. */
export function newTopic(): string {
  return `orders-${++topics}`;
}

function documentOf(
  { config, subscriptions = [], pipelines }: ApplicationOptions,
) {
  const handlers = new Set(subscriptions.map(({ handler }) => handler));
  return {
    modules: [
      {
        name: "server",
        type: "http.server",
        config: { address: "127.0.0.1:0" },
      },
      { name: "router", type: "http.router" },
      { name: "health", type: "health.checker" },
      { name: "kafka", type: "messaging.kafka", config },
      ...[...handlers].map((name) => ({ name, type: "test.taker" })),
    ],
    workflows: {
      http: { router: "router", server: "server", routes: [] },
      messaging: { broker: "kafka", subscriptions },
    },
    ...(pipelines === undefined ? {} : { pipelines }),
  };
}

/** A module that hands its messages to the test. */
function takerOf(inbox: Inbox) {
  return defineModule({
    type: "test.taker",
    summary: "Takes messages",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [MessageHandler],
    examples: [],
    create: (_config, host: Host) => ({
      receive: (message: Message) =>
        inbox.receive(message as KafkaMessage, host.name),
    }),
  });
}
