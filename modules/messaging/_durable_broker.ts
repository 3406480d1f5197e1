/**
 * Carries messages durably: each subscription with a name is a queue in the
 * engine's store, and publishing puts a message into all that match in one commit.
 *
 * @module
 */
import type { Host, Lifecycle } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import type {
  Broker,
  Message,
  PublishOptions,
  Receive,
  SubscribeOptions,
} from "@engine/services/broker.ts";
import {
  type Delivered,
  DurableSubscription,
  type SubscriptionConfig,
} from "./_durable_subscription.ts";
import { MEMORY_DEFAULTS } from "../_memory_broker/defaults.ts";
import { type Labels, labelsOf } from "../_memory_broker/labels.ts";
import { drained } from "./_drained.ts";
import { DRAIN_MS, MemoryBroker } from "../_memory_broker/memory_broker.ts";
import { refusePattern, refuseTopic } from "../_memory_broker/refusal.ts";
import { messages, Traffic } from "../_memory_broker/traffic.ts";
import { tracedReceive, tracePlace } from "../_memory_broker/traced_receive.ts";

/** How long a subscription may be gone before it counts as removed, in milliseconds. */
export const REMOVED_AFTER_MS = 10_000;

/** The time between two looks for what removed subscriptions have left. */
const LOOK_MS = 24 * 60 * 60 * 1_000;

type Payload = Message["payload"];

/** A subscription that lets a message under way finish. */
interface Ending {
  readonly subscription: DurableSubscription;
  readonly done: Promise<void>;
}

/** See the module comment. */
export class DurableBroker implements Broker, Lifecycle, Delivered {
  readonly isDurable = true;
  readonly #host: Host;
  readonly #config: SubscriptionConfig;
  readonly #traffic: Traffic;
  readonly #labels: Labels;
  /** For subscribers without a name. */
  readonly #nameless: MemoryBroker;
  /** By the name of their queue. */
  readonly #live = new Map<string, DurableSubscription>();
  /** Not known to be in the store. */
  readonly #unregistered = new Set<DurableSubscription>();
  #registering: Promise<void> | undefined;
  /** By the name of their queue. */
  readonly #ending = new Map<string, Ending>();
  #isOpen = false;
  #isStopped = false;
  #cancelLook = () => {};

  constructor(config: SubscriptionConfig, host: Host) {
    this.#config = config;
    this.#host = host;
    this.#traffic = new Traffic(host);
    this.#labels = labelsOf(host.name);
    this.#nameless = new MemoryBroker(MEMORY_DEFAULTS, host);
  }

  get #topics() {
    return this.#host.queues.topics(this.#host.name);
  }

  async publish(
    topic: string,
    payload: Payload,
    options?: PublishOptions,
  ): Promise<void> {
    try {
      await this.#publish(topic, payload, options?.via);
    } catch (error) {
      this.#count("publish", "failure");
      throw error;
    }
    this.#count("publish", "success");
    this.#traffic.published(topic);
  }

  subscribe(
    pattern: string,
    receive: Receive,
    options: SubscribeOptions = {},
  ): () => void {
    refusePattern(pattern);
    if (options.name === undefined) {
      return this.#nameless.subscribe(pattern, receive);
    }
    const { name, queue } = this.#identity(options.name, pattern);
    const subscription = new DurableSubscription({
      name,
      pattern,
      statedName: options.name,
      isImplied: options.implied ?? false,
      receive: tracedReceive(receive, this.#host, options.name),
      queue: this.#topics.queue({ name, pattern }),
    }, this);
    subscription.configure(this.#config);
    this.#live.set(queue, subscription);
    this.#unregistered.add(subscription);
    if (this.#isOpen) {
      this.#register().catch((error) => this.#complain(error));
      this.#start(queue, subscription);
    }
    let isEnded = false;
    return () => {
      // A second call must not end what another subscriber continues.
      if (!isEnded) this.#end(queue, subscription);
      isEnded = true;
    };
  }

  async open(): Promise<void> {
    await this.#register();
    this.#isOpen = true;
    await this.#lookForRemoved();
    for (const [queue, subscription] of this.#live) {
      this.#start(queue, subscription);
    }
  }

  /** Waits for what is being handled, at most `DRAIN_MS`. Goes on accepting. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#cancelLook();
    const handled = Promise.all([
      ...[...this.#ending.values()].map(({ done }) => done),
      ...[...this.#live.values()].map((subscription) => subscription.stop()),
    ]);
    await drained(handled, {
      ...{ host: this.#host, limitMs: DRAIN_MS, whatThen: ": they come again" },
    });
    await this.#nameless.close();
  }

  stop(): void {
    this.#isStopped = true;
    for (const subscription of this.#live.values()) subscription.abandon();
    for (const { subscription } of this.#ending.values()) {
      subscription.abandon();
    }
    this.#nameless.stop();
    this.#traffic.end();
  }

  delivered(subscription: DurableSubscription): void {
    this.#count("deliver", "success");
    this.#traffic.delivered(subscription.name);
  }

  failed(
    { name }: DurableSubscription,
    { topic, id, attempt }: Message,
    error: unknown,
  ): void {
    const text = messageOf(error);
    this.#count("deliver", "failure");
    this.#traffic.failed(name, text);
    this.#host.log.error(
      `"${name}" failed to handle a message at attempt ${attempt}: ${text}`,
      { topic, messageId: id, attempt },
    );
  }

  /** An implied subscription gives way to a stated one of the same name. */
  givesWay({ statedName, isImplied }: DurableSubscription, topic: string) {
    return isImplied &&
      [...this.#live.values()].some((other) =>
        !other.isImplied && other.statedName === statedName &&
        other.matches(topic)
      );
  }

  async #publish(
    topic: string,
    payload: Payload,
    via: readonly string[] | undefined,
  ): Promise<void> {
    if (this.#isStopped) {
      throw new Error(
        `Cannot publish to "${topic}": "${this.#host.name}" has stopped`,
      );
    }
    refuseTopic(topic);
    const { clock, ids } = this.#host.effects;
    const message: Message = {
      id: ids.next(),
      topic,
      payload,
      publishedAt: clock.now(),
      attempt: 1,
      ...(via === undefined ? {} : { via }),
      ...tracePlace(this.#host),
    };
    // Who subscribes now gets this message, whatever dies.
    if (this.#unregistered.size > 0) await this.#register();
    const isOrdered = (this.#config.concurrency ?? 1) === 1;
    await this.#topics.publish(
      {
        ...{ topic, payload },
        ...(via === undefined ? {} : { via }),
        ...tracePlace(this.#host),
      },
      { id: message.id, ...(isOrdered ? { key: "" } : {}) },
    );
    // What it says of those without a room is in its log.
    this.#nameless.carry(message).catch(() => {});
  }

  /** A second subscription of one name and pattern is one of its own. */
  #identity(stated: string, pattern: string) {
    for (let count = 1;; count++) {
      const name = count === 1 ? stated : `${stated}#${count}`;
      const queue = this.#topics.queueName({ name, pattern });
      if (!this.#live.has(queue)) return { name, queue };
    }
  }

  #start(queue: string, subscription: DurableSubscription): void {
    const before = this.#ending.get(queue);
    if (before === undefined) subscription.start();
    else void before.done.then(() => this.#isOpen && subscription.start());
  }

  #end(queue: string, subscription: DurableSubscription): void {
    this.#live.delete(queue);
    this.#unregistered.delete(subscription);
    const done = subscription.end().finally(() => {
      if (this.#ending.get(queue) === ending) this.#ending.delete(queue);
    });
    const ending: Ending = { subscription, done };
    this.#ending.set(queue, ending);
    // A stop ends all, and removes none.
    if (this.#isOpen && this.#host.phase() === "running") {
      this.#lookLater(REMOVED_AFTER_MS);
    }
  }

  /** Makes sure that the store knows of everyone. */
  #register(): Promise<void> {
    this.#registering ??= this.#registerAll().finally(() => {
      this.#registering = undefined;
    });
    return this.#registering;
  }

  async #registerAll(): Promise<void> {
    while (this.#unregistered.size > 0) {
      const wanted = [...this.#unregistered];
      await this.#topics.subscribe(wanted);
      for (const each of wanted) this.#unregistered.delete(each);
    }
  }

  async #lookForRemoved(): Promise<void> {
    const dropped = await this.#topics.retain([...this.#live.values()]);
    for (const [queue, count] of dropped) {
      this.#host.log.warn(
        `${messages(count)} dropped: subscription "${queue}" was removed`,
      );
    }
    this.#lookLater(LOOK_MS);
  }

  #lookLater(ms: number): void {
    this.#cancelLook();
    if (!this.#isOpen) return;
    this.#cancelLook = this.#host.effects.clock.after(ms, () => {
      this.#lookForRemoved().catch((error) => {
        this.#complain(error);
        this.#lookLater(LOOK_MS);
      });
    });
  }

  #complain(error: unknown): void {
    this.#host.log.error(`Cannot keep subscriptions: ${messageOf(error)}`);
  }

  #count(
    operation: "publish" | "deliver",
    status: "success" | "failure",
  ): void {
    const { meter } = this.#host;
    if (!meter.active) return;
    meter.record("module_operations_total", this.#labels[operation][status]);
  }
}
