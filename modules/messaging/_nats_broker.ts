/**
 * Carries messages through NATS: core NATS, or with JetStream out of a stream.
 *
 * @module
 */
import type { PermissionViolationError } from "@nats-io/transport-node";
import type { Host, Lifecycle } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
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
import { DRAIN_MS } from "../_memory_broker/memory_broker.ts";
import { drained } from "./_drained.ts";
import { messages } from "../_memory_broker/traffic.ts";
import { tracedReceive } from "../_memory_broker/traced_receive.ts";
import {
  Connection,
  type ConnectionConfig,
  type Session,
} from "./_nats_connection.ts";
import { ConsumerChannel, type DeliveryConfig } from "./_nats_consumer.ts";
import { CoreChannel, CorePublisher } from "./_nats_core.ts";
import { DeadLetters } from "./_nats_dead_letters.ts";
import { decodePayload, encodePayload } from "./_nats_message.ts";
import { Stream, type StreamConfig } from "./_nats_stream.ts";
import { groupName } from "./_nats_names.ts";
import { refuseSubjects, Topics } from "./_nats_subject.ts";
import { type Channel, Counts, Subscriber } from "./_nats_subscriber.ts";

/** How the module works. */
export interface NatsConfig {
  readonly connection: ConnectionConfig;
  /** What the names of queue groups and consumers begin with. */
  readonly group: string;
  readonly concurrency: number;
  /** Absent: core NATS. */
  readonly jetstream?: (StreamConfig & DeliveryConfig) | undefined;
}

/** A subscription, and how its messages come. */
interface Live {
  readonly subscriber: Subscriber;
  readonly channel: Channel;
  /** Its subscriber has left, and may be about to come back. */
  hasEnded: boolean;
}

/** See the module comment. */
export class NatsBroker implements Broker, HealthReporter, Lifecycle {
  readonly isDurable: boolean;
  readonly healthName: string;
  readonly #config: NatsConfig;
  readonly #host: Host;
  readonly #connection: Connection;
  readonly #core: CorePublisher;
  readonly #stream: Stream | undefined;
  readonly #deadLetters: DeadLetters | undefined;
  readonly #counts: Counts;
  readonly #topics = new Topics();
  /** By name and pattern; see `#identity`. */
  readonly #live = new Map<string, Live>();
  readonly #pausing = new Set<Promise<void>>();
  /** Subscriptions that the server may not know yet. */
  readonly #beginning = new Set<Promise<void>>();
  #session: Session | undefined;
  #isOpen = false;
  #isStopped = false;

  constructor(config: NatsConfig, host: Host) {
    this.#config = config;
    this.#host = host;
    this.isDurable = config.jetstream !== undefined;
    this.healthName = `nats.${host.name}`;
    this.#counts = new Counts(host);
    this.#connection = new Connection(config.connection, host, {
      prepare: (session) => this.#prepare(session),
      end: () => this.#lose(),
      denied: (error) => this.#deny(error),
    });
    const { requestTimeoutMs } = config.connection;
    this.#core = new CorePublisher(this.#connection, requestTimeoutMs, host);
    if (config.jetstream === undefined) return;
    this.#stream = new Stream(config.jetstream, this.#connection, host);
    this.#deadLetters = new DeadLetters(this.#stream);
  }

  /** Resolves also where there is no server: it is tried again. */
  start(): Promise<void> {
    return this.#connection.start();
  }

  async open(): Promise<void> {
    this.#isOpen = true;
    const session = this.#session;
    if (session !== undefined) await this.#beginAll(session);
  }

  /** Takes no more messages, and waits for handlers, at most `DRAIN_MS`. */
  async close(): Promise<void> {
    this.#isOpen = false;
    for (const { channel } of this.#live.values()) this.#pause(channel);
    await drained(Promise.all(this.#pausing), {
      ...{ host: this.#host, limitMs: DRAIN_MS },
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    let lost = 0;
    for (const { channel } of this.#live.values()) lost += channel.abandon();
    if (lost > 0) {
      this.#host.log.error(
        `${messages(lost)} lost: "${this.#host.name}" stops before delivery`,
      );
    }
    await this.#connection.stop();
    this.#counts.traffic.end();
  }

  publish(
    topic: string,
    payload: Message["payload"],
    options?: PublishOptions,
  ): Promise<void> {
    return this.publishAs(undefined, topic, payload, options);
  }

  /** Publishes with an id, if there is one, that a stream has once only. */
  async publishAs(
    id: string | undefined,
    topic: string,
    payload: Message["payload"],
    { via }: PublishOptions = {},
  ): Promise<void> {
    if (this.#isStopped) {
      throw new Error(
        `Cannot publish to "${topic}": "${this.#host.name}" has stopped`,
      );
    }
    try {
      this.#topics.refuse(topic);
      const text = encodePayload(payload);
      const { current: traceparent } = this.#host.tracing;
      const message = { topic, text, via, traceparent };
      if (this.#stream === undefined) {
        const session = this.#session ?? await this.#connection.ready();
        await this.#core.send(message, session);
      } else {
        // Who subscribes now gets this message.
        if (this.#beginning.size > 0) await Promise.all(this.#beginning);
        id ??= this.#host.effects.ids.next();
        await this.#stream.publish({ ...message, id });
      }
    } catch (error) {
      this.#counts.count("publish", "failure");
      throw error;
    }
    this.#counts.count("publish", "success");
    this.#counts.traffic.published(topic);
  }

  /**
   * Asks whoever answers on a subject.
   *
   * @throws {RefusedError} `not-found` if nobody does.
   * @throws {RetryableError} if there is no answer after `requestTimeout`.
   */
  async request(
    topic: string,
    payload: Message["payload"],
  ): Promise<Message["payload"]> {
    this.#topics.refuse(topic);
    const { requestTimeoutMs } = this.#config.connection;
    const session = await this.#connection.ready();
    const { connection, library } = session;
    try {
      const answer = await this.#connection.within(
        requestTimeoutMs,
        connection.request(topic, encodePayload(payload), {
          // The limit above is what ends it.
          timeout: requestTimeoutMs * 2,
        }),
        session,
      );
      return decodePayload(answer.data);
    } catch (error) {
      if (error instanceof library.RequestError && error.isNoResponders()) {
        throw new RefusedError("not-found", `Nobody answers on "${topic}"`, {
          cause: error,
        });
      }
      throw error;
    }
  }

  /** @throws {RefusedError} `invalid-input` if there is no stream. */
  get deadLetters(): DeadLetters {
    if (this.#deadLetters !== undefined) return this.#deadLetters;
    throw new RefusedError(
      "invalid-input",
      `"${this.#host.name}" has no dead letters: its config has no jetstream`,
    );
  }

  subscribe(
    pattern: string,
    receive: Receive,
    options: SubscribeOptions = {},
  ): () => void {
    refuseSubjects(pattern);
    receive = tracedReceive(receive, this.#host, options.name ?? pattern);
    const { name, identity } = this.#identity(options.name, pattern);
    const live = this.#continued(identity, receive, options) ??
      this.#join(identity, this.#subscriber(name, pattern, receive, options));
    let isEnded = false;
    return () => {
      // A second call must not end what another subscriber continues.
      if (!isEnded) this.#end(identity, live);
      isEnded = true;
    };
  }

  async health(): Promise<Health> {
    const health = await this.#connection.health(
      ({ connection }) => this.#stream?.check() ?? connection.flush(),
    );
    if (health.status !== "healthy") return health;
    const faults = [...this.#live.values()]
      .flatMap(({ channel: { fault } }) => fault === undefined ? [] : [fault]);
    return faults.length === 0
      ? health
      : { status: "degraded", message: faults.join("; ") };
  }

  /** A second subscription of one name and pattern is one of its own. */
  #identity(stated: string | undefined, pattern: string) {
    for (let count = 1;; count++) {
      const base = stated ?? pattern;
      const name = count === 1 ? base : `${base}#${count}`;
      const identity = JSON.stringify([stated ?? null, pattern, count]);
      const live = this.#live.get(identity);
      if (live === undefined || live.hasEnded) return { name, identity };
    }
  }

  #continued(
    identity: string,
    receive: Receive,
    { implied = false }: SubscribeOptions,
  ): Live | undefined {
    const live = this.#live.get(identity);
    if (live === undefined || live.subscriber.isImplied !== implied) {
      return undefined;
    }
    live.hasEnded = false;
    live.subscriber.continueWith(receive);
    return live;
  }

  #subscriber(
    name: string,
    pattern: string,
    receive: Receive,
    { name: statedName, implied = false }: SubscribeOptions,
  ): Subscriber {
    return new Subscriber(
      {
        name,
        statedName,
        pattern,
        isImplied: implied,
        receive,
        givesWay: (subscriber, topic) => this.#givesWay(subscriber, topic),
      },
      this.#host,
      this.#counts,
    );
  }

  #join(identity: string, subscriber: Subscriber): Live {
    const before = this.#live.get(identity);
    if (before !== undefined) this.#pause(before.channel);
    const channel = this.#channel(identity, subscriber);
    const live = { subscriber, channel, hasEnded: false };
    this.#live.set(identity, live);
    if (this.#isOpen && this.#session !== undefined) {
      const session = this.#session;
      const begun = channel.begin(session)
        .finally(() => this.#beginning.delete(begun));
      this.#beginning.add(begun);
    }
    return live;
  }

  #channel(identity: string, subscriber: Subscriber): Channel {
    const { jetstream, group, concurrency } = this.#config;
    const nameOf = (subject: string) =>
      groupName(group, subscriber.name, [identity, subject]);
    // Without a name nobody could come back to what is kept.
    const isKept = subscriber.statedName !== undefined;
    if (isKept && jetstream && this.#stream && this.#deadLetters) {
      return new ConsumerChannel(subscriber, {
        config: jetstream,
        stream: this.#stream,
        deadLetters: this.#deadLetters,
        host: this.#host,
        nameOf,
      });
    }
    const queue = isKept ? nameOf("") : undefined;
    return new CoreChannel(subscriber, { queue, concurrency }, this.#host);
  }

  #end(identity: string, live: Live): void {
    live.hasEnded = true;
    // A reload makes it anew at once, and then nothing has ended.
    this.#host.effects.clock.after(0, () => {
      if (!live.hasEnded) return;
      if (this.#live.get(identity) === live) this.#live.delete(identity);
      this.#pause(live.channel);
    });
  }

  #pause(channel: Channel): void {
    const paused = channel.pause().finally(() => this.#pausing.delete(paused));
    this.#pausing.add(paused);
  }

  /** An implied subscription gives way to a stated one of the same name. */
  #givesWay({ statedName, isImplied }: Subscriber, topic: string): boolean {
    return isImplied &&
      [...this.#live.values()].some(({ subscriber: other, hasEnded }) =>
        !hasEnded && !other.isImplied && other.statedName === statedName &&
        other.matches(topic)
      );
  }

  async #prepare(session: Session): Promise<void> {
    await this.#stream?.prepare(session);
    this.#session = session;
    if (this.#isOpen) await this.#beginAll(session);
  }

  async #beginAll(session: Session): Promise<void> {
    await Promise.all(
      [...this.#live.values()].map(({ channel }) => channel.begin(session)),
    );
  }

  #lose(): void {
    this.#session = undefined;
    for (const { channel } of this.#live.values()) channel.lose();
  }

  #deny(error: PermissionViolationError): void {
    if (error.operation === "publish") this.#core.denied(error.subject);
    this.#host.log.error(`NATS does not permit it: ${error.message}`);
  }
}
