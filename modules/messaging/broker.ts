/**
 * Carries messages inside of one process. Each subscriber has a queue of its
 * own; nothing is kept across a restart.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type Host, type Lifecycle } from "@engine/define.ts";
import { messageOf, RefusedError, RetryableError } from "@engine/errors.ts";
import {
  Broker,
  type Message,
  type PublishOptions,
  type Receive,
  type SubscribeOptions,
} from "@engine/services/broker.ts";
import { Routes } from "./_routes.ts";
import {
  type Outcomes,
  PUBLISH_WAIT_MS,
  Subscription,
  type SubscriptionOptions,
} from "./_subscription.ts";
import { patternFault, topicFault } from "@engine/services/topic_pattern.ts";
import { messages, Traffic } from "./_traffic.ts";

/** How long `close` waits for queues to empty, in milliseconds. */
export const DRAIN_MS = 5_000;

type Payload = Message["payload"];

class MemoryBroker implements Broker, Lifecycle, Outcomes {
  readonly #host: Host;
  readonly #traffic: Traffic;
  readonly #labels: ReturnType<typeof labelsOf>;
  readonly #routes = new Routes((topic, route) => this.#check(topic, route));
  /** Ended, with messages still queued. */
  readonly #ended = new Set<Subscription>();
  #isStopped = false;
  #whenIdle: (() => void) | undefined;

  constructor(host: Host) {
    this.#host = host;
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
    const message: Message = {
      id: ids.next(),
      topic,
      payload,
      publishedAt: clock.now(),
      ...(options?.via === undefined ? {} : { via: options.via }),
    };
    // Everyone with room gets the message now: order of publication holds for
    // each, and who is full delays none of them.
    const full = route.filter((subscription) => !subscription.offer(message));
    this.#traffic.published(topic);
    if (full.length > 0) await this.#publishLater(message, full, route);
    this.#count("publish", "success");
  }

  subscribe(
    pattern: string,
    receive: Receive,
    options: SubscribeOptions = {},
  ): () => void {
    const fault = patternFault(pattern);
    if (fault !== undefined) {
      throw new RefusedError(
        "invalid-input",
        `Cannot subscribe to "${pattern.slice(0, 80)}": ${fault}`,
      );
    }
    const wanted = {
      pattern,
      name: options.name ?? pattern,
      isImplied: options.implied ?? false,
      receive,
    };
    const subscription = this.#continued(wanted) ??
      new Subscription(wanted, this);
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

  idle(subscription: Subscription): void {
    this.#ended.delete(subscription);
    this.#whenIdle?.();
  }

  /** Waits for those who have no room yet. */
  async #publishLater(
    message: Message,
    full: readonly Subscription[],
    route: readonly Subscription[],
  ): Promise<void> {
    const { clock } = this.#host.effects;
    const queued = await Promise.all(
      full.map((subscription) => subscription.offerLater(message, clock)),
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
      { retryAfterMs: PUBLISH_WAIT_MS },
    );
  }

  /** Sees each topic that is new or whose subscribers have changed. */
  #check(topic: string, route: readonly Subscription[]): void {
    const fault = topicFault(topic);
    if (fault !== undefined) {
      this.#count("publish", "failure");
      throw new RefusedError(
        "invalid-input",
        `Cannot publish to "${topic.slice(0, 80)}": ${fault}`,
      );
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
        subscription.isImplied === wanted.isImplied
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
    return this.#all().reduce((total, { size }) => total + size, 0);
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

/** Made once, since a message needs two of them. */
function labelsOf(module: string) {
  const label = (operation: string, status: string) =>
    Object.freeze({ module, operation, status });
  return {
    publish: {
      success: label("publish", "success"),
      failure: label("publish", "failure"),
    },
    deliver: {
      success: label("deliver", "success"),
      failure: label("deliver", "failure"),
    },
  };
}

export default defineModule({
  type: "messaging.broker",
  summary: "Carries messages between the modules of one process",
  stability: "stable",
  config: z.strictObject({}),
  inert: {
    topics: "A topic exists as soon as somebody publishes or subscribes to it",
  },
  provides: [Broker],
  examples: [{
    title: "Log every event of an order",
    modules: [
      { name: "events", type: "messaging.broker" },
      { name: "order-log", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        broker: "events",
        subscriptions: [{ topic: "order.*", handler: "order-log" }],
      },
    },
  }],
  create: (_config, host) => new MemoryBroker(host),
});
