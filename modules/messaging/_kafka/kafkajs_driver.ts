/**
 * Kafka through kafkajs.
 *
 * @module
 */
import type {
  Admin,
  CompressionTypes,
  Consumer,
  EachBatchPayload,
  IHeaders,
  Kafka,
  KafkaConfig,
  KafkaMessage,
  Message as NewMessage,
  Producer,
  SASLOptions,
} from "kafkajs";
import type {
  Batch,
  ConsumeOptions,
  Consumption,
  DriverOptions,
  Headers,
  KafkaDriver,
  NewRecord,
  PartitionLag,
  StoredRecord,
} from "./driver.ts";
import { driverError, reasonOf } from "./kafkajs_error.ts";
import { settleStart, startsOf, untilThere } from "./kafkajs_start.ts";

const ACKS = { all: -1, leader: 1, none: 0 } as const;

/** How long a connection may take to be made, in milliseconds. */
const CONNECT_MS_MAX = 5_000;

/** How long a server may wait for records before it answers without, in milliseconds. */
const POLL_MS = 500;

/** How often handled offsets are committed at most, in milliseconds. */
const COMMIT_MS = 500;

/** The library's own attempts; then the module decides. */
const RETRY = { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 };

type Library = typeof import("kafkajs");

/** The partitions that are ours, by topic. */
type Assignment = Readonly<Record<string, readonly number[]>>;

/** Loads the library, and makes a driver that is not connected. */
export async function kafkajsDriver(
  options: DriverOptions,
): Promise<KafkaDriver> {
  // It is CommonJS: what it exports is its default.
  const { default: library } = await import("kafkajs");
  return new KafkajsDriver(library as unknown as Library, options);
}

class KafkajsDriver implements KafkaDriver {
  readonly #options: DriverOptions;
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  readonly #admin: Admin;
  readonly #compression: CompressionTypes;

  constructor(library: Library, options: DriverOptions) {
    const { CompressionTypes, Partitioners } = library;
    this.#options = options;
    this.#kafka = new library.Kafka(configOf(options, library));
    this.#producer = this.#kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    this.#admin = this.#kafka.admin();
    this.#compression = options.compression === "gzip"
      ? CompressionTypes.GZIP
      : CompressionTypes.None;
  }

  async connect(): Promise<void> {
    await this.#told(async () => {
      await this.#producer.connect();
      await this.#admin.connect();
    });
  }

  async send(records: readonly NewRecord[]): Promise<void> {
    const topicMessages = byTopic(records);
    await this.#told(() =>
      this.#producer.sendBatch({
        topicMessages,
        acks: ACKS[this.#options.acks],
        compression: this.#compression,
        timeout: this.#options.requestTimeoutMs,
      })
    );
  }

  async topics(): Promise<readonly string[]> {
    return await this.#told(() => this.#admin.listTopics());
  }

  async lag(
    groupId: string,
    topics: readonly string[],
  ): Promise<PartitionLag[]> {
    return await this.#told(async () => {
      const committed = await this.#admin.fetchOffsets({
        groupId,
        topics: [...topics],
      });
      const lags: PartitionLag[] = [];
      for (const { topic, partitions } of committed) {
        const ends = await this.#admin.fetchTopicOffsets(topic);
        for (const { partition, offset } of partitions) {
          const end = ends.find((each) => each.partition === partition);
          lags.push({
            topic,
            partition,
            committed: Number(offset),
            end: Number(end?.high ?? 0),
          });
        }
      }
      return lags;
    });
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    const consumer = this.#kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: heartbeatMs(options),
      maxWaitTimeInMs: POLL_MS,
      // The module begins anew by itself, later and later.
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
    try {
      return await this.#told(() => this.#join(consumer, options));
    } catch (error) {
      await consumer.disconnect().catch(() => {
        // It has failed already, which is what is told.
      });
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([
      this.#producer.disconnect(),
      this.#admin.disconnect(),
    ]);
  }

  async #join(
    consumer: Consumer,
    options: ConsumeOptions,
  ): Promise<Consumption> {
    const topics = [...options.topics];
    await consumer.connect();
    const { sleep } = this.#options;
    const fromBeginning = options.startFrom === "earliest";
    // This makes topics that are not there, if the servers allow it.
    await untilThere(
      () => consumer.subscribe({ topics, fromBeginning }),
      sleep,
    );
    const around = { admin: this.#admin, sleep, options };
    const starts = await startsOf(around);
    const joined = Promise.withResolvers<void>();
    // Nothing is handled before it is clear where to begin.
    let settled = joined.promise;
    settled.catch(() => {
      // A crash before anybody waits must not count as unhandled.
    });
    const lost = (error: unknown): void => {
      joined.reject(error);
      options.lost(reasonOf(error));
    };
    // What the library is told before it runs has no effect.
    let isRunning = false;
    let first: Assignment = {};
    const settle = (assigned: Assignment): Promise<void> =>
      settleStart(around, { consumer, starts, assigned });
    consumer.on(
      consumer.events.CRASH,
      ({ payload: { error } }) => lost(error),
    );
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      first = payload.memberAssignment;
      if (!isRunning) return;
      settled = settle(payload.memberAssignment);
      settled.catch(lost);
    });
    await consumer.run({
      partitionsConsumedConcurrently: options.partitionsMax,
      autoCommitInterval: COMMIT_MS,
      eachBatchAutoResolve: false,
      async eachBatch(payload) {
        await settled;
        await options.take(batchOf(payload));
      },
    });
    isRunning = true;
    // Of one that has crashed this fails, too, and the crash is told first.
    settle(first).then(joined.resolve, lost);
    await joined.promise;
    return { stop: () => consumer.disconnect() };
  }

  /** Runs, and says in our words what went wrong. */
  async #told<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw driverError(error);
    }
  }
}

function configOf(options: DriverOptions, { logLevel }: Library): KafkaConfig {
  const { brokers, clientId, ssl, sasl, requestTimeoutMs } = options;
  return {
    brokers: [...brokers],
    clientId,
    ssl: typeof ssl === "boolean" ? ssl : withoutHoles(ssl),
    // The library's type wants one mechanism at a time.
    ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
    requestTimeout: requestTimeoutMs,
    authenticationTimeout: Math.min(requestTimeoutMs, CONNECT_MS_MAX),
    connectionTimeout: Math.min(requestTimeoutMs, CONNECT_MS_MAX),
    // Each address that is given is tried.
    retry: { ...RETRY, retries: Math.max(RETRY.retries, brokers.length) },
    // What matters comes as an error, and the module logs that.
    logLevel: logLevel.NOTHING,
  };
}

function withoutHoles<T extends object>(
  fields: T,
): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]: NonNullable<T[K]> };
}

/** A few in the time after which a member counts as gone. */
function heartbeatMs({ sessionTimeoutMs }: ConsumeOptions): number {
  return Math.min(3_000, Math.floor(sessionTimeoutMs / 6));
}

function byTopic(records: readonly NewRecord[]) {
  const topics = new Map<string, NewRecord[]>();
  for (const record of records) {
    const known = topics.get(record.topic);
    if (known === undefined) topics.set(record.topic, [record]);
    else known.push(record);
  }
  return [...topics].map(([topic, records]) => ({
    topic,
    // The library asks for a Buffer where it means bytes.
    messages: records as unknown as NewMessage[],
  }));
}

function batchOf(payload: EachBatchPayload): Batch {
  const { batch: { topic, partition, messages } } = payload;
  return {
    records: messages.map((message) => recordOf(message, topic, partition)),
    isCurrent: () => payload.isRunning() && !payload.isStale(),
    handled: ({ offset }) => payload.resolveOffset(offset),
    async keepAlive() {
      await payload.heartbeat();
      await payload.commitOffsetsIfNecessary();
    },
  };
}

function recordOf(
  { key, value, headers, offset, timestamp }: KafkaMessage,
  topic: string,
  partition: number,
): StoredRecord {
  return {
    topic,
    partition,
    offset,
    key,
    value,
    headers: textsOf(headers),
    timestamp: Number(timestamp),
  };
}

/** Of a header that comes more than once, the last counts. */
function textsOf(headers: IHeaders = {}): Headers {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) texts[name] = String(last);
  }
  return texts;
}
