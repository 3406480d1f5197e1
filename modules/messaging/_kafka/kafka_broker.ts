/**
 * A broker over a cluster of Kafka: what is published is acknowledged by the
 * cluster, and what is subscribed to is read as a member of a group.
 *
 * @module
 */
import type { Host, Lifecycle } from "@engine/define.ts";
import { durationMs } from "@engine/define.ts";
import type {
  Broker,
  Message,
  PublishOptions,
  Receive,
  SubscribeOptions,
} from "@engine/services/broker.ts";
import type {
  Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { MEMORY_DEFAULTS } from "../../_memory_broker/defaults.ts";
import { type Labels, labelsOf } from "../../_memory_broker/labels.ts";
import { MemoryBroker } from "../../_memory_broker/memory_broker.ts";
import {
  tracedReceive,
  tracePlace,
} from "../../_memory_broker/traced_receive.ts";
import { Traffic } from "../../_memory_broker/traffic.ts";
import { drained } from "../_drained.ts";
import { type KafkaSettings, settingsOf } from "./config.ts";
import { Connection } from "./connection.ts";
import { Delivery } from "./delivery.ts";
import type {
  DriverOptions,
  Headers,
  KafkaDriver,
  PartitionLag,
} from "./driver.ts";
import { Group } from "./group.ts";
import { type KeyOf, keyReader } from "./message_key.ts";
import { PayloadCipher } from "./payload_cipher.ts";
import { Publisher } from "./publisher.ts";
import { recordOf } from "./record.ts";
import { Subscriptions } from "./subscriptions.ts";
import { refuseKafkaPattern, refuseKafkaTopic } from "./topic_name.ts";

/** How long `close` waits for messages that are being handled, in milliseconds. */
export const DRAIN_MS = 10_000;

type Payload = Message["payload"];

/** Makes a driver that is not connected. */
export type MakeDriver = (options: DriverOptions) => Promise<KafkaDriver>;

/** What a publisher may say beside the message, if it knows that this is Kafka. */
export interface KafkaPublishOptions extends PublishOptions {
  /** @default what the config says */
  readonly key?: string | undefined;
  readonly headers?: Headers | undefined;
}

/** What there is once the library is loaded. */
interface Started {
  readonly driver: KafkaDriver;
  readonly connection: Connection;
  readonly publisher: Publisher;
  readonly delivery: Delivery;
  readonly group: Group;
}

/** See the module comment. */
export class KafkaBroker implements Broker, HealthReporter, Lifecycle {
  readonly isDurable = true;
  readonly healthName: string;
  readonly #settings: KafkaSettings;
  readonly #host: Host;
  readonly #keyOf: KeyOf;
  readonly #makeDriver: MakeDriver;
  readonly #subscriptions = new Subscriptions();
  readonly #cipher: PayloadCipher | undefined;
  readonly #traffic: Traffic;
  readonly #labels: Labels;
  /** For subscribers without a name. */
  readonly #nameless: MemoryBroker;
  #namelessCount = 0;
  /** The topics that we have published on. */
  readonly #published = new Set<string>();
  #started: Started | undefined;

  constructor(settings: KafkaSettings, host: Host, makeDriver: MakeDriver) {
    this.healthName = host.name;
    this.#settings = settings;
    this.#host = host;
    this.#makeDriver = makeDriver;
    this.#keyOf = keyReader(settings);
    this.#traffic = new Traffic(host);
    this.#labels = labelsOf(host.name);
    this.#nameless = new MemoryBroker(MEMORY_DEFAULTS, host);
    const { encryptionKey, ...versions } = settings;
    this.#cipher = encryptionKey === undefined
      ? undefined
      : new PayloadCipher({ encryptionKey, ...versions }, host.effects.random);
  }

  async start(): Promise<void> {
    const { driverOptions, groupOptions } = settingsOf(this.#settings);
    const host = this.#host;
    const { clock } = host.effects;
    const driver = await this.#makeDriver({
      ...driverOptions,
      sleep: (ms) => clock.sleep(ms),
    });
    const connection = new Connection(host, driver);
    const publisher = new Publisher(
      host,
      connection,
      durationMs(this.#settings.timeout),
    );
    const subscriptions = this.#subscriptions;
    const { deadLetterTopic } = groupOptions;
    const delivery = new Delivery(
      host,
      { ...this.#settings, deadLetterTopic },
      {
        subscriptions,
        publisher,
        cipher: this.#cipher,
        traffic: this.#traffic,
        labels: this.#labels,
      },
    );
    const group = new Group(host, groupOptions, {
      connection,
      subscriptions,
      delivery,
    });
    this.#started = { driver, connection, publisher, delivery, group };
    connection.begin();
  }

  open(): void {
    this.#started?.group.open();
  }

  /** Lets what is being handled end, at most `DRAIN_MS`. Goes on accepting. */
  async close(): Promise<void> {
    await drained(this.#started?.group.close() ?? Promise.resolve(), {
      ...{ host: this.#host, limitMs: DRAIN_MS, whatThen: ": they come again" },
    });
    await this.#nameless.close();
  }

  async stop(): Promise<void> {
    this.#started?.publisher.stop();
    await this.#started?.connection.end();
    this.#started = undefined;
    this.#nameless.stop();
    this.#traffic.end();
  }

  async publish(
    topic: string,
    payload: Payload,
    options: KafkaPublishOptions = {},
  ): Promise<void> {
    try {
      await this.#publish(topic, payload, options);
    } catch (error) {
      this.#count("failure");
      throw error;
    }
    this.#count("success");
    this.#traffic.published(topic);
  }

  subscribe(
    pattern: string,
    receive: Receive,
    { name, implied: isImplied = false }: SubscribeOptions = {},
  ): () => void {
    refuseKafkaPattern(pattern);
    if (name === undefined) return this.#subscribeNameless(pattern, receive);
    const remove = this.#subscriptions.add({
      ...{ name, pattern, isImplied },
      receive: tracedReceive(receive, this.#host, name),
    });
    this.#started?.group.changed();
    return () => {
      remove();
      this.#started?.group.changed();
    };
  }

  async health(): Promise<Health> {
    if (this.#started === undefined) {
      return { status: "degraded", message: "stopped" };
    }
    const { connection, delivery, group } = this.#started;
    const fault = await connection.fault() ?? group.fault ?? delivery.trouble;
    if (fault !== undefined) return { status: "degraded", message: fault };
    const message = group.isReading ? "consuming" : "connected";
    return { status: "healthy", message };
  }

  /** How far the group is behind in all that it reads. */
  async lag(): Promise<readonly PartitionLag[]> {
    const { driver, connection } = this.#running("tell how far it is behind");
    await connection.ready;
    const { groupOptions: { groupId, deadLetterTopic } } = settingsOf(
      this.#settings,
    );
    const existing = this.#subscriptions.hasPatterns
      ? await driver.topics()
      : [];
    const topics = this.#subscriptions.topics(existing, deadLetterTopic);
    return topics.length === 0 ? [] : await driver.lag(groupId, topics);
  }

  async #publish(
    topic: string,
    payload: Payload,
    { via, key, headers }: KafkaPublishOptions,
  ): Promise<void> {
    // What was published on once need not be looked at again.
    const isKnown = this.#published.has(topic);
    if (!isKnown) refuseKafkaTopic(topic);
    const { publisher, group } = this.#running(`publish to "${topic}"`);
    const { clock, ids } = this.#host.effects;
    const id = ids.next();
    const place = tracePlace(this.#host);
    const record = recordOf(
      {
        ...place,
        id: this.#settings.messageIds ? id : undefined,
        topic,
        payload,
        via,
        key: key ?? this.#keyOf(topic, payload),
        headers: headers === undefined
          ? this.#settings.headers
          : { ...this.#settings.headers, ...headers },
      },
      this.#cipher,
    );
    await publisher.write(record instanceof Promise ? await record : record);
    if (!isKnown) {
      this.#published.add(topic);
      // A pattern may mean it, and it may be new.
      group.changed();
    }
    if (this.#namelessCount === 0) return;
    const message: Message = {
      ...{ id, topic, payload, attempt: 1, publishedAt: clock.now() },
      ...(via === undefined ? {} : { via }),
      ...place,
    };
    // What it says of those without a room is in its log.
    this.#nameless.carry(message).catch(() => {});
  }

  #subscribeNameless(pattern: string, receive: Receive): () => void {
    const end = this.#nameless.subscribe(pattern, receive);
    this.#namelessCount++;
    let isEnded = false;
    return () => {
      if (!isEnded) this.#namelessCount--;
      isEnded = true;
      end();
    };
  }

  #running(what: string): Started {
    if (this.#started !== undefined) return this.#started;
    throw new Error(`Cannot ${what}: "${this.#host.name}" has stopped`);
  }

  #count(status: "success" | "failure"): void {
    const { meter } = this.#host;
    if (!meter.active) return;
    meter.record("module_operations_total", this.#labels.publish[status]);
  }
}
