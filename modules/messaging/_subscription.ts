/**
 * One subscriber of the in-memory broker: its queue, and who waits for room in
 * it. Messages are handed over one at a time, in order of publication.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Host } from "@engine/define.ts";
import type { Message, Receive } from "@engine/services/broker.ts";
import {
  compileTopic,
  type TopicMatch,
} from "@engine/services/topic_pattern.ts";

/** How many messages may wait for one subscriber, the one under way included. */
export const QUEUE_MESSAGES_MAX = 10_000;

/** How long a publisher waits for room in a full queue, in milliseconds. */
export const PUBLISH_WAIT_MS = 1_000;

type Clock = Pick<Host["effects"]["clock"], "after">;

/** What a subscription tells its broker. */
export interface Outcomes {
  delivered(subscription: Subscription): void;
  failed(subscription: Subscription, message: Message, error: unknown): void;
  /** Nothing is queued any more. */
  idle(subscription: Subscription): void;
}

/** What makes a subscription. */
export interface SubscriptionOptions {
  readonly pattern: string;
  readonly name: string;
  readonly isImplied: boolean;
  readonly receive: Receive;
}

/** A publisher that waits for room. */
interface Waiting {
  readonly message: Message;
  readonly settle: (isQueued: boolean) => void;
}

/** The subscription whose message is being handled by the code that asks. */
const handling = new AsyncLocalStorage<Subscription>();

/** See the module comment. */
export class Subscription {
  readonly pattern: string;
  readonly name: string;
  readonly isImplied: boolean;
  readonly matches: TopicMatch;
  readonly #outcomes: Outcomes;
  #receive: Receive;
  #queue: Message[] = [];
  #size = 0;
  #underWay: 0 | 1 = 0;
  #isRunning = false;
  #isDiscarded = false;
  /** Somebody waited in vain; nobody waits again before the queue is half empty. */
  #isOverrun = false;
  readonly #waiting = new Set<Waiting>();
  /** Where what this subscription handles waits for room. */
  readonly #waitsFor: Subscription[] = [];

  constructor(options: SubscriptionOptions, outcomes: Outcomes) {
    this.pattern = options.pattern;
    this.name = options.name;
    this.isImplied = options.isImplied;
    this.matches = compileTopic(options.pattern);
    this.#receive = options.receive;
    this.#outcomes = outcomes;
  }

  /** How many messages are queued or under way. */
  get size(): number {
    return this.#size;
  }

  /** Hands every message from the next one on to `receive`. */
  continueWith(receive: Receive): void {
    this.#receive = receive;
  }

  /** Queues a message, unless that takes room or a turn that others wait for. */
  offer(message: Message): boolean {
    if (this.#size >= QUEUE_MESSAGES_MAX || this.#waiting.size > 0) {
      return false;
    }
    this.#enqueue(message);
    return true;
  }

  /**
   * Queues a message as soon as there is room, after those who wait already.
   * Resolves to `false`, with the message lost for this subscriber,
   * - after `PUBLISH_WAIT_MS`,
   * - at once if another publisher has waited in vain since the queue was last
   *   half empty, so that a subscriber that is stuck delays each publisher once,
   * - at once if the publisher is a subscriber that this one waits for, itself
   *   included: they would wait for each other.
   */
  offerLater(message: Message, clock: Clock): Promise<boolean> {
    const publisher = handling.getStore();
    if (this.#isOverrun || (publisher && this.#dependsOn(publisher))) {
      return Promise.resolve(false);
    }
    if (publisher) publisher.#waitsFor.push(this);
    return new Promise((resolve) => {
      const settle = (isQueued: boolean): void => {
        cancel();
        this.#waiting.delete(waiting);
        if (publisher) removeOne(publisher.#waitsFor, this);
        resolve(isQueued);
      };
      const cancel = clock.after(PUBLISH_WAIT_MS, () => {
        this.#isOverrun = true;
        settle(false);
      });
      const waiting = { message, settle };
      this.#waiting.add(waiting);
    });
  }

  /** Forgets what is queued; returns how many messages are lost by that. */
  discard(): number {
    const lost = this.#size - this.#underWay + this.#waiting.size;
    this.#isDiscarded = true;
    for (const { settle } of this.#waiting) settle(false);
    return lost;
  }

  #enqueue(message: Message): void {
    this.#queue.push(message);
    this.#size++;
    if (this.#isRunning) return;
    this.#isRunning = true;
    // A subscriber never runs inside of the publisher's call.
    queueMicrotask(() => this.#drain());
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isDiscarded) {
      const batch = this.#queue;
      this.#queue = [];
      for (const message of batch) {
        if (this.#isDiscarded) break;
        this.#underWay = 1;
        try {
          const done = handling.run(this, this.#receive, message);
          // Waiting for what is done already would cost a turn a message.
          if (done !== undefined) await done;
          this.#outcomes.delivered(this);
        } catch (error) {
          this.#outcomes.failed(this, message, error);
        }
        this.#underWay = 0;
        this.#size--;
        this.#admit();
      }
    }
    this.#isRunning = false;
    this.#outcomes.idle(this);
  }

  /** Lets the next publisher in, now that a message is out. */
  #admit(): void {
    if (this.#size <= QUEUE_MESSAGES_MAX / 2) this.#isOverrun = false;
    if (this.#waiting.size === 0) return;
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#enqueue(next.message);
    next.settle(true);
  }

  #dependsOn(other: Subscription): boolean {
    return this === other ||
      this.#waitsFor.some((target) => target.#dependsOn(other));
  }
}

function removeOne<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
