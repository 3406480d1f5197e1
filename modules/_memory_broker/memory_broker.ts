/**
 * Carries messages inside of one process. Each subscriber has a queue of its
 * own; nothing is kept across a restart.
 *
 * @module
 */
import type { Host, Lifecycle } from "@engine/define.ts";
import { messageOf, RetryableError } from "@engine/errors.ts";
import type {
  Message,
  PublishOptions,
  Receive,
  SubscribeOptions,
} from "@engine/services/broker.ts";
import type { EventBus } from "@engine/services/event_bus.ts";
import { type Labels, labelsOf } from "./labels.ts";
import { refusePattern, refuseTopic } from "./refusal.ts";
import { Routes } from "./routes.ts";
import {
  type Outcomes,
  type QueueLimits,
  Subscription,
  type SubscriptionOptions,
} from "./subscription.ts";
import { messages, Traffic } from "./traffic.ts";
import { tracedReceive, tracePlace } from "./traced_receive.ts";
import { Workers } from "./workers.ts";

/** How long `close` waits for queues to empty, in milliseconds. */
export const DRAIN_MS = 5_000;

/** When a publisher may try again where nothing else says it, in milliseconds. */
const RETRY_MS = 1_000;

type Payload = Message["payload"];

/** How a broker is set up. */
export interface MemoryBrokerOptions extends QueueLimits {
  /** How many messages may wait, all subscribers together; absent: any number. */
  readonly messagesMax?: number;
  /** How many messages concurrent subscribers handle at a time. */
  readonly workers: number;
}

/** See the module comment. */
export class MemoryBroker implements EventBus, Lifecycle, Outcomes {
  readonly #host: Host;
  readonly #options: MemoryBrokerOptions;
  readonly #workers: Workers;
  readonly #traffic: Traffic;
  readonly #labels: Labels;
  readonly #routes = new Routes((topic, route) => this.#check(topic, route));
  /** Ended, with messages still queued. */
  readonly #ended = new Set<Subscription>();
  #isStopped = false;
  #whenIdle: (() => void) | undefined;

  constructor(options: MemoryBrokerOptions, host: Host) {
    this.#options = options;
    this.#host = host;
    this.#workers = new Workers(options.workers);
    this.#traffic = new Traffic(host);
    this.#labels = labelsOf(host.name);
  }

  async publish(
    topic: string,
    payload: Payload,
    options?: PublishOptions,
  ): Promise<void> {
    if (this.#isStopped) {
      throw new Error(
        `Cannot publish to "${topic}": "${this.#host.name}" has stopped`,
      );
    }
    const { clock, ids } = this.#host.effects;
    const route = this.#routes.of(topic);
    this.#refuseExcess(topic, route.length);
    const message: Message = {
      id: ids.next(),
      topic,
      payload,
      publishedAt: clock.now(),
      attempt: 1,
      ...(options?.via === undefined ? {} : { via: options.via }),
      ...tracePlace(this.#host),
    };
    this.#traffic.published(topic);
    await this.#deliver(message, route);
    this.#count("publish", "success");
  }

  /** Gives subscribers a message that was published elsewhere. */
  async carry(message: Message): Promise<void> {
    await this.#deliver(message, this.#routes.of(message.topic));
  }

  isHeard(topic: string): boolean {
    return this.#routes.of(topic).length > 0;
  }

  subscribe(
    pattern: string,
    receive: Receive,
    options: SubscribeOptions = {},
  ): () => void {
    refusePattern(pattern);
    const wanted = {
      pattern,
      name: options.name ?? pattern,
      isImplied: options.implied ?? false,
      isConcurrent: options.concurrent ?? false,
      receive: tracedReceive(receive, this.#host, options.name ?? pattern),
    };
    const subscription = this.#continued(wanted) ??
      new Subscription(wanted, {
        limits: this.#options,
        workers: this.#workers,
        clock: this.#host.effects.clock,
        outcomes: this,
      });
    this.#routes.add(subscription);
    let isEnded = false;
    return () => {
      // A second call must not end what another subscriber continues.
      if (!isEnded) this.#end(subscription);
      isEnded = true;
    };
  }

  /** Waits until every queue is empty, at most `DRAIN_MS`. Goes on accepting. */
  close(): Promise<void> {
    if (this.#queued() === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        cancel();
        this.#whenIdle = undefined;
        resolve();
      };
      const cancel = this.#host.effects.clock.after(DRAIN_MS, () => {
        this.#host.log.warn(
          `${messages(this.#queued())} still queued after ${DRAIN_MS} ms`,
        );
        settle();
      });
      this.#whenIdle = () => {
        if (this.#queued() === 0) settle();
      };
    });
  }

  stop(): void {
    this.#isStopped = true;
    let lost = 0;
    for (const subscription of this.#all()) lost += subscription.discard();
    if (lost > 0) {
      this.#host.log.error(
        `${messages(lost)} lost: "${this.#host.name}" stops before delivery`,
      );
    }
    this.#traffic.end();
  }

  delivered(subscription: Subscription): void {
    this.#count("deliver", "success");
    this.#traffic.delivered(subscription.name);
  }

  failed(subscription: Subscription, message: Message, error: unknown): void {
    const text = messageOf(error);
    this.#count("deliver", "failure");
    this.#traffic.failed(subscription.name, text);
    this.#host.log.error(
      `"${subscription.name}" failed to handle a message: ${text}`,
      { topic: message.topic, messageId: message.id },
    );
  }

  expired(subscription: Subscription, message: Message): void {
    this.#count("deliver", "failure");
    this.#traffic.expired(subscription.name, message.topic);
  }

  idle(subscription: Subscription): void {
    this.#ended.delete(subscription);
    this.#whenIdle?.();
  }

  #refuseExcess(topic: string, more: number): void {
    const { messagesMax } = this.#options;
    if (messagesMax === undefined || more === 0) return;
    const waiting = this.#queued();
    if (waiting + more <= messagesMax) return;
    this.#count("publish", "failure");
    throw new RetryableError(
      `Cannot publish to "${topic}": ${messages(waiting)} wait, and at most ` +
        `${messagesMax} may`,
      { retryAfterMs: RETRY_MS },
    );
  }

  async #deliver(
    message: Message,
    route: readonly Subscription[],
  ): Promise<void> {
    // Everyone with room gets the message now: order of publication holds for
    // each, and who is full delays none of them.
    const full = route.filter((subscription) => !subscription.offer(message));
    if (full.length > 0) await this.#publishLater(message, full, route);
  }

  /** Waits for those who have no room yet. */
  async #publishLater(
    message: Message,
    full: readonly Subscription[],
    route: readonly Subscription[],
  ): Promise<void> {
    const queued = await Promise.all(
      full.map((subscription) => subscription.offerLater(message)),
    );
    const late = full.filter((_, index) => !queued[index]);
    for (const subscription of late) {
      this.#count("deliver", "failure");
      this.#traffic.dropped(subscription.name, message.topic);
    }
    if (late.length < route.length) return;
    this.#count("publish", "failure");
    throw new RetryableError(
      `Cannot publish to "${message.topic}": every subscriber has a full queue`,
      { retryAfterMs: this.#options.publishWaitMs || RETRY_MS },
    );
  }

  /** Sees each topic that is new or whose subscribers have changed. */
  #check(topic: string, route: readonly Subscription[]): void {
    try {
      refuseTopic(topic);
    } catch (error) {
      this.#count("publish", "failure");
      throw error;
    }
    if (route.length > 0) return;
    this.#host.log.debug(`Nobody subscribes to "${topic}"`, { topic });
  }

  /** The same subscription as it was ended, if it has messages queued. */
  #continued(wanted: SubscriptionOptions): Subscription | undefined {
    for (const subscription of this.#ended) {
      if (
        subscription.name === wanted.name &&
        subscription.pattern === wanted.pattern &&
        subscription.isImplied === wanted.isImplied &&
        subscription.isConcurrent === wanted.isConcurrent
      ) {
        this.#ended.delete(subscription);
        subscription.continueWith(wanted.receive);
        return subscription;
      }
    }
    return undefined;
  }

  #end(subscription: Subscription): void {
    this.#routes.remove(subscription);
    if (subscription.size > 0) this.#ended.add(subscription);
  }

  #all(): readonly Subscription[] {
    return [...this.#routes.subscriptions, ...this.#ended];
  }

  #queued(): number {
    return this.#all().reduce(
      (total, { size, waiting }) => total + size + waiting,
      0,
    );
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
