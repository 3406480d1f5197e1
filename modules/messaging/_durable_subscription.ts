/**
 * One subscription of a durable broker: hands what its queue holds to whoever
 * subscribes at the moment.
 *
 * @module
 */
import type { Consumer, Delivery, Queue } from "@engine/queue/queues.ts";
import type { Message, Receive } from "@engine/services/broker.ts";
import {
  compileTopic,
  type TopicMatch,
} from "@engine/services/topic_pattern.ts";

/** How many messages are taken from the queue at a time, to save commits. */
const TAKEN_MAX = 32;

/** How messages are handed out; what is absent is the default of queues. */
export interface SubscriptionConfig {
  readonly leaseMs?: number | undefined;
  readonly attemptsMax?: number | undefined;
  readonly retryBackoffMs?: number | undefined;
  readonly queueDepthMax?: number | undefined;
  readonly concurrency?: number | undefined;
}

/** What a subscription tells its broker, and asks it. */
export interface Delivered {
  delivered(subscription: DurableSubscription): void;
  failed(
    subscription: DurableSubscription,
    message: Message,
    error: unknown,
  ): void;
  /** Whether another subscription takes a message in its place. */
  givesWay(subscription: DurableSubscription, topic: string): boolean;
}

/** What makes a subscription. */
export interface SubscriptionOptions {
  /** With the pattern, what makes it the same after a restart. */
  readonly name: string;
  readonly pattern: string;
  /** The name as the subscriber says it. */
  readonly statedName: string;
  readonly isImplied: boolean;
  readonly receive: Receive;
  readonly queue: Queue;
}

/** See the module comment. */
export class DurableSubscription {
  readonly name: string;
  readonly pattern: string;
  readonly statedName: string;
  readonly isImplied: boolean;
  readonly matches: TopicMatch;
  readonly #options: SubscriptionOptions;
  readonly #broker: Delivered;
  #config: SubscriptionConfig = {};
  #consumer: Consumer | undefined;
  readonly #stopping = new Map<Consumer, Promise<void>>();
  #isEnded = false;

  constructor(options: SubscriptionOptions, broker: Delivered) {
    this.name = options.name;
    this.pattern = options.pattern;
    this.statedName = options.statedName;
    this.isImplied = options.isImplied;
    this.matches = compileTopic(options.pattern);
    this.#options = options;
    this.#broker = broker;
  }

  configure(config: SubscriptionConfig): void {
    this.#config = config;
    const { leaseMs, attemptsMax, queueDepthMax: depthMax } = config;
    this.#options.queue.configure({
      ...(leaseMs === undefined ? {} : { leaseMs }),
      ...(attemptsMax === undefined ? {} : { attemptsMax }),
      ...(depthMax === undefined ? {} : { depthMax }),
    });
  }

  /** Begins to hand out; once ended, never again. */
  start(): void {
    if (this.#isEnded || this.#consumer !== undefined) return;
    const { concurrency = 1, retryBackoffMs } = this.#config;
    this.#consumer = this.#options.queue.consume(
      (delivery) => this.#receive(messageOf(delivery)),
      {
        concurrency,
        // What is left from a time with another concurrency has its order.
        ofKey: TAKEN_MAX,
        ...(retryBackoffMs === undefined ? {} : { retryBackoffMs }),
        onHandled: (delivery, error) => {
          if (error === undefined) this.#broker.delivered(this);
          else this.#broker.failed(this, messageOf(delivery), error);
        },
      },
    );
  }

  /** Hands out nothing more; resolves when what is under way is done. */
  async stop(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    if (consumer !== undefined) {
      const stopped = consumer.stop().finally(() =>
        this.#stopping.delete(consumer)
      );
      this.#stopping.set(consumer, stopped);
    }
    await Promise.all(this.#stopping.values());
  }

  /** Lets go of what a `stop` still waits for. */
  abandon(): void {
    for (const consumer of this.#stopping.keys()) consumer.abandon();
  }

  end(): Promise<void> {
    this.#isEnded = true;
    return this.stop();
  }

  #receive(message: Message): void | Promise<void> {
    if (this.#broker.givesWay(this, message.topic)) return;
    return this.#options.receive(message);
  }
}

/** The message as its subscriber sees it. */
function messageOf({ id, payload, sentAt, attempt }: Delivery): Message {
  // Only the topics of brokers put messages into these queues.
  const { topic, payload: body, via, traceparent } = payload as Pick<
    Message,
    "topic" | "payload" | "via" | "traceparent"
  >;
  return {
    id,
    topic,
    payload: body,
    publishedAt: sentAt,
    attempt,
    ...(via === undefined ? {} : { via }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
