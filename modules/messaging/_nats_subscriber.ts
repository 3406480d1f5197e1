/**
 * Who subscribes through a NATS module, and what is counted and told of it. How
 * messages come is a matter of its channel.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import type { Message, Receive } from "@engine/services/broker.ts";
import {
  compileTopic,
  type TopicMatch,
} from "@engine/services/topic_pattern.ts";
import { type Labels, labelsOf } from "../_memory_broker/labels.ts";
import { Traffic } from "../_memory_broker/traffic.ts";
import type { Session } from "./_nats_connection.ts";
import { topicPattern } from "./_nats_subject.ts";

/** How a subscriber's messages come. */
export interface Channel {
  /** Begins to take messages, of this connection. */
  begin(session: Session): Promise<void>;
  /** Takes nothing more; resolves when what is under way is done. May begin again. */
  pause(): Promise<void>;
  /** The connection is gone. */
  lose(): void;
  /** Lets go of what waits; returns how many messages are lost by that. */
  abandon(): number;
  /** Why it gets nothing, though there is a connection. */
  readonly fault?: string | undefined;
}

/** What a module counts, and tells those who watch. */
export class Counts {
  readonly traffic: Traffic;
  readonly #host: Host;
  readonly #labels: Labels;

  constructor(host: Host) {
    this.traffic = new Traffic(host);
    this.#host = host;
    this.#labels = labelsOf(host.name);
  }

  count(
    operation: "publish" | "deliver",
    status: "success" | "failure",
  ): void {
    const { meter } = this.#host;
    if (!meter.active) return;
    meter.record("module_operations_total", this.#labels[operation][status]);
  }
}

/** What makes a subscriber. */
export interface SubscriberOptions {
  readonly name: string;
  /** The name as the subscriber says it; absent if it says none. */
  readonly statedName: string | undefined;
  readonly pattern: string;
  readonly isImplied: boolean;
  readonly receive: Receive;
  /** Whether another one takes a message on a topic in its place. */
  readonly givesWay: (subscriber: Subscriber, topic: string) => boolean;
}

/** See the module comment. */
export class Subscriber {
  readonly name: string;
  readonly statedName: string | undefined;
  readonly pattern: string;
  readonly isImplied: boolean;
  readonly matches: TopicMatch;
  readonly #options: SubscriberOptions;
  readonly #host: Host;
  readonly #counts: Counts;
  #receive: Receive;

  constructor(options: SubscriberOptions, host: Host, counts: Counts) {
    this.name = options.name;
    this.statedName = options.statedName;
    this.pattern = options.pattern;
    this.isImplied = options.isImplied;
    this.matches = compileTopic(topicPattern(options.pattern));
    this.#options = options;
    this.#host = host;
    this.#counts = counts;
    this.#receive = options.receive;
  }

  /** Hands every message from the next one on to `receive`. */
  continueWith(receive: Receive): void {
    this.#receive = receive;
  }

  /** Whether a message on a topic is for it. */
  wants(topic: string): boolean {
    return this.matches(topic) && !this.#options.givesWay(this, topic);
  }

  /** Hands a message over. Never throws; resolves when it is handled, somehow. */
  hand(message: Message): void | Promise<void> {
    try {
      const done = this.#receive(message);
      if (done !== undefined) return this.#settle(message, done);
      this.delivered();
    } catch (error) {
      this.failed(message, error);
    }
  }

  /** Hands a message over. @throws what its handler throws. */
  receive(message: Message): void | Promise<void> {
    return this.#receive(message);
  }

  delivered(): void {
    this.#counts.count("deliver", "success");
    this.#counts.traffic.delivered(this.name);
  }

  failed(
    { topic, id, attempt = 1 }: Partial<Message>,
    error: unknown,
  ): void {
    const text = messageOf(error);
    this.#counts.count("deliver", "failure");
    this.#counts.traffic.failed(this.name, text);
    const which = attempt > 1 ? ` at attempt ${attempt}` : "";
    this.#host.log.error(
      `"${this.name}" failed to handle a message${which}: ${text}`,
      { topic, ...(id === undefined ? {} : { messageId: id }), attempt },
    );
  }

  /** It has lost a message, since too many wait. */
  dropped(topic: string): void {
    this.#counts.count("deliver", "failure");
    this.#counts.traffic.dropped(this.name, topic);
  }

  async #settle(message: Message, done: Promise<void>): Promise<void> {
    try {
      await done;
      this.delivered();
    } catch (error) {
      this.failed(message, error);
    }
  }
}
