/**
 * Durable topics: each subscription is a queue, and publishing puts the message
 * into all that match, in one commit.
 *
 * Which subscriptions there are stands in one entry. Publishing requires that it
 * is as it was read, so that a subscription gets every message from a certain one
 * on, whichever process publishes.
 *
 * @module
 */
import { compileTopic, type TopicMatch } from "../services/topic_pattern.ts";
import type { JsonValue, Key, Store, Version } from "../store/store.ts";
import type { QueueWorld } from "./core.ts";
import type { Prepared, Queue } from "./queue.ts";
import type { Queues } from "./queues.ts";
import type { SendOptions } from "./row.ts";

/** How long what a removed subscription had left is kept, in milliseconds: a week. */
export const REMOVED_KEEP_MS = 7 * 24 * 60 * 60 * 1_000;

/** How many subscriptions the topics of one broker have at most. */
export const SUBSCRIPTIONS_MAX = 200;

/** A subscription by what makes it the same after a restart. */
export interface SubscriptionIdentity {
  readonly name: string;
  readonly pattern: string;
}

/** A subscription as it stands in the store. */
type Kept = {
  readonly name: string;
  readonly pattern: string;
  /** When it was removed, in milliseconds since 1970; absent: it is not. */
  readonly removedAt?: number;
};

type Registry = { readonly [queue: string]: Kept };

/** The registry as it was read last. */
interface Known {
  readonly version: Version | undefined;
  readonly registry: Registry;
  readonly routes: readonly {
    readonly queue: string;
    readonly matches: TopicMatch;
  }[];
}

/** What is published with a message. */
export interface PublishedMessage {
  readonly topic: string;
  readonly payload: JsonValue;
  /** Who has forwarded it, oldest first. */
  readonly via?: readonly string[];
  /** What publishes it, as a part of a trace. */
  readonly traceparent?: string;
}

/** See the module comment. */
export class Topics {
  readonly #broker: string;
  readonly #queues: Queues;
  readonly #store: Store;
  readonly #world: QueueWorld;
  readonly #key: Key;
  #known: Known | undefined;

  constructor(
    broker: string,
    queues: Queues,
    place: { readonly store: Store; readonly world: QueueWorld },
  ) {
    this.#broker = broker;
    this.#queues = queues;
    this.#store = place.store;
    this.#world = place.world;
    this.#key = ["topics", broker];
  }

  /** The name of a subscription's queue, which no other subscription has. */
  queueName({ name, pattern }: SubscriptionIdentity): string {
    return [this.#broker, name, pattern].map(encodeURIComponent).join("/");
  }

  queue(subscription: SubscriptionIdentity): Queue {
    return this.#queues.queue(this.queueName(subscription));
  }

  /**
   * Makes subscriptions, or takes up removed ones with what they had left. When
   * it resolves, they get every message that is published from then on.
   *
   * @throws {RangeError} if there would be more than `SUBSCRIPTIONS_MAX`.
   */
  async subscribe(
    subscriptions: readonly SubscriptionIdentity[],
  ): Promise<void> {
    await this.#change((registry) => {
      const added = subscriptions.filter((subscription) => {
        const kept = registry[this.queueName(subscription)];
        return kept === undefined || kept.removedAt !== undefined;
      });
      if (added.length === 0) return undefined;
      const next = { ...registry };
      for (const { name, pattern } of added) {
        next[this.queueName({ name, pattern })] = { name, pattern };
      }
      this.#refuseMore(next);
      return next;
    });
  }

  /**
   * Removes all subscriptions but these. They get nothing more; what they had
   * left is dropped after `REMOVED_KEEP_MS`, and this drops what is due. Resolves
   * to the queues that were dropped, with how much was left.
   */
  async retain(
    subscriptions: readonly SubscriptionIdentity[],
  ): Promise<ReadonlyMap<string, number>> {
    const kept = new Set(subscriptions.map((each) => this.queueName(each)));
    const now = this.#world.clock.now();
    let due: string[] = [];
    await this.#change((registry) => {
      due = [];
      const next: Record<string, Kept> = {};
      for (const [queue, { name, pattern, removedAt }] of entries(registry)) {
        if (kept.has(queue)) next[queue] = { name, pattern };
        else if (removedAt === undefined) {
          next[queue] = { name, pattern, removedAt: now };
        } else if (removedAt + REMOVED_KEEP_MS > now) {
          next[queue] = { name, pattern, removedAt };
        } else due.push(queue);
      }
      return JSON.stringify(next) === JSON.stringify(registry)
        ? undefined
        : next;
    });
    const dropped = new Map<string, number>();
    for (const queue of due) {
      dropped.set(queue, await this.#queues.queue(queue).drop());
    }
    return dropped;
  }

  /** What is subscribed; removed subscriptions are not. */
  async subscriptions(): Promise<readonly SubscriptionIdentity[]> {
    const { registry } = await this.#read();
    return Object.values(registry)
      .filter(({ removedAt }) => removedAt === undefined)
      .map(({ name, pattern }) => ({ name, pattern }));
  }

  /**
   * Sends a message to every subscription whose pattern matches, or to none, and
   * resolves to its id when that is durable.
   *
   * @throws {RetryableError} if one of their queues is full.
   */
  async publish(
    message: PublishedMessage,
    options: SendOptions & { readonly id?: string } = {},
  ): Promise<string> {
    const id = options.id ?? this.#world.ids.next();
    const { topic, payload, via, traceparent } = message;
    const value = {
      ...{ topic, payload },
      ...(via === undefined ? {} : { via }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    for (;;) {
      const known = this.#known ?? await this.#read();
      const queues = known.routes
        .filter(({ matches }) => matches(topic))
        .map(({ queue }) => this.#queues.queue(queue));
      const sent = await prepareAll(queues, value, { ...options, id });
      let isCommitted = false;
      try {
        const result = await this.#store.commit({
          checks: [{ key: this.#key, version: known.version }],
          sets: sent.flatMap(({ sets }) => sets),
        });
        isCommitted = result.ok;
      } finally {
        for (const { settled } of sent) settled(isCommitted);
      }
      if (isCommitted) return id;
      this.#known = undefined;
    }
  }

  async #change(
    change: (registry: Registry) => Registry | undefined,
  ): Promise<void> {
    for (;;) {
      const { version, registry } = await this.#read();
      const next = change(registry);
      if (next === undefined) return;
      const result = await this.#store.commit({
        checks: [{ key: this.#key, version }],
        sets: [{ key: this.#key, value: next }],
      });
      this.#known = undefined;
      if (result.ok) return;
    }
  }

  async #read(): Promise<Known> {
    const entry = await this.#store.get(this.#key);
    // Only this class writes it.
    const registry = (entry?.value ?? {}) as Registry;
    const routes = entries(registry)
      .filter(([, { removedAt }]) => removedAt === undefined)
      .map(([queue, { pattern }]) => ({
        queue,
        matches: compileTopic(pattern),
      }));
    return this.#known = { version: entry?.version, registry, routes };
  }

  #refuseMore(registry: Registry): void {
    const count = Object.keys(registry).length;
    if (count <= SUBSCRIPTIONS_MAX) return;
    throw new RangeError(
      `Cannot subscribe to "${this.#broker}": that makes ${count} ` +
        "subscriptions with the removed ones, the limit SUBSCRIPTIONS_MAX is " +
        `${SUBSCRIPTIONS_MAX} subscriptions`,
    );
  }
}

function entries(registry: Registry): [string, Kept][] {
  return Object.entries(registry);
}

/** Room in every queue, or in none. */
async function prepareAll(
  queues: readonly Queue[],
  value: JsonValue,
  options: SendOptions & { readonly id: string },
): Promise<Prepared[]> {
  const sent: Prepared[] = [];
  try {
    for (const queue of queues) sent.push(await queue.prepare(value, options));
    return sent;
  } catch (error) {
    for (const { settled } of sent) settled(false);
    throw error;
  }
}
