/**
 * One subscriber of the in-memory broker: its queue, and who waits for room in
 * it. Messages are handed over one at a time, in order of publication, unless the
 * subscriber asks for several at a time.
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
import type { Workers } from "./workers.ts";

/** How much a subscription takes, and what becomes of more. */
export interface QueueLimits {
  /** How many messages may wait for it, those under way included. */
  readonly queueMessagesMax: number;
  /**
   * How long a publisher waits for room in a full queue, in milliseconds; 0: not
   * at all; Infinity: as long as it takes.
   */
  readonly publishWaitMs: number;
  /**
   * A message that has waited longer is not delivered any more, in milliseconds.
   * @default any time
   */
  readonly messageTtlMs?: number;
}

/** What a subscription works with. */
export interface SubscriptionParts {
  readonly limits: QueueLimits;
  /** Handle the messages of concurrent subscriptions. */
  readonly workers: Workers;
  readonly clock: Pick<Host["effects"]["clock"], "after" | "now">;
  readonly outcomes: Outcomes;
}

/** What a subscription tells its broker. */
export interface Outcomes {
  delivered(subscription: Subscription): void;
  failed(subscription: Subscription, message: Message, error: unknown): void;
  /** A message has waited too long to be delivered. */
  expired(subscription: Subscription, message: Message): void;
  /** Nothing is queued any more. */
  idle(subscription: Subscription): void;
}

/** What makes a subscription. */
export interface SubscriptionOptions {
  readonly pattern: string;
  readonly name: string;
  readonly isImplied: boolean;
  /** Whether messages are handled side by side, by the broker's workers. */
  readonly isConcurrent: boolean;
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
  readonly isConcurrent: boolean;
  readonly matches: TopicMatch;
  readonly #parts: SubscriptionParts;
  readonly #outcomes: Outcomes;
  #receive: Receive;
  #queue: Message[] = [];
  #size = 0;
  #underWay = 0;
  #isRunning = false;
  #isDiscarded = false;
  /** Somebody waited in vain; nobody waits again before the queue is half empty. */
  #isOverrun = false;
  readonly #waiting = new Set<Waiting>();
  /** Where what this subscription handles waits for room. */
  readonly #waitsFor: Subscription[] = [];

  constructor(options: SubscriptionOptions, parts: SubscriptionParts) {
    this.pattern = options.pattern;
    this.name = options.name;
    this.isImplied = options.isImplied;
    this.isConcurrent = options.isConcurrent;
    this.matches = compileTopic(options.pattern);
    this.#receive = options.receive;
    this.#parts = parts;
    this.#outcomes = parts.outcomes;
  }

  /** How many messages are queued or under way. */
  get size(): number {
    return this.#size;
  }

  /** How many publishers wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Hands every message from the next one on to `receive`. */
  continueWith(receive: Receive): void {
    this.#receive = receive;
  }

  /** Queues a message, unless that takes room or a turn that others wait for. */
  offer(message: Message): boolean {
    const { queueMessagesMax } = this.#parts.limits;
    if (this.#size >= queueMessagesMax || this.#waiting.size > 0) return false;
    this.#enqueue(message);
    return true;
  }

  /**
   * Queues a message as soon as there is room, after those who wait already.
   * Resolves to `false`, with the message lost for this subscriber,
   * - after `publishWaitMs`,
   * - at once if another publisher has waited in vain since the queue was last
   *   half empty, so that a subscriber that is stuck delays each publisher once,
   * - at once if the publisher is a subscriber that this one waits for, itself
   *   included: they would wait for each other.
   */
  offerLater(message: Message): Promise<boolean> {
    const { limits: { publishWaitMs }, clock } = this.#parts;
    const publisher = handling.getStore();
    const isInVain = publishWaitMs <= 0 || this.#isOverrun ||
      (publisher && this.#dependsOn(publisher));
    if (isInVain) return Promise.resolve(false);
    if (publisher) publisher.#waitsFor.push(this);
    return new Promise((resolve) => {
      const settle = (isQueued: boolean): void => {
        cancel();
        this.#waiting.delete(waiting);
        if (publisher) removeOne(publisher.#waitsFor, this);
        resolve(isQueued);
      };
      const cancel = publishWaitMs === Infinity
        ? () => {}
        : clock.after(publishWaitMs, () => {
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
        if (this.isConcurrent) await this.#parts.workers.enter();
        if (this.#isDiscarded) {
          if (this.isConcurrent) this.#parts.workers.leave();
          break;
        }
        // Waiting for what is done already would cost a turn a message.
        const handled = this.#handle(message);
        if (handled !== undefined && !this.isConcurrent) await handled;
      }
    }
    this.#isRunning = false;
    if (this.#underWay === 0) this.#outcomes.idle(this);
  }

  /** Never throws; synchronous if the subscriber is. */
  #handle(message: Message): Promise<void> | undefined {
    this.#underWay++;
    if (this.#isExpired(message)) {
      this.#outcomes.expired(this, message);
      return this.#finish();
    }
    try {
      const done = handling.run(this, this.#receive, message);
      if (done !== undefined) return this.#settle(message, done);
      this.#outcomes.delivered(this);
    } catch (error) {
      this.#outcomes.failed(this, message, error);
    }
    return this.#finish();
  }

  async #settle(message: Message, done: Promise<void>): Promise<void> {
    try {
      await done;
      this.#outcomes.delivered(this);
    } catch (error) {
      this.#outcomes.failed(this, message, error);
    }
    this.#finish();
  }

  #finish(): undefined {
    this.#underWay--;
    this.#size--;
    if (this.isConcurrent) {
      this.#parts.workers.leave();
      if (!this.#isRunning && this.#size === 0) this.#outcomes.idle(this);
    }
    this.#admit();
  }

  #isExpired({ publishedAt }: Message): boolean {
    const { limits: { messageTtlMs }, clock } = this.#parts;
    return messageTtlMs !== undefined &&
      clock.now() - publishedAt > messageTtlMs;
  }

  /** Lets the next publisher in, now that a message is out. */
  #admit(): void {
    const { queueMessagesMax } = this.#parts.limits;
    if (this.#size <= queueMessagesMax / 2) this.#isOverrun = false;
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
