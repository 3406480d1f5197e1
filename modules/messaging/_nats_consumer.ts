/**
 * What JetStream does: a subscriber's messages are in a stream, and each is
 * acknowledged when its handler has finished. What fails comes again, later and
 * later, and becomes a dead letter in the end.
 *
 * @module
 */
import type { Consumer, ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import type { Host } from "@engine/define.ts";
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";
import type { Message } from "@engine/services/broker.ts";
import type { Session } from "./_nats_connection.ts";
import type { DeadLetters } from "./_nats_dead_letters.ts";
import { decodePayload, HEADERS, originOf } from "./_nats_message.ts";
import type { Stream } from "./_nats_stream.ts";
import type { Channel, Subscriber } from "./_nats_subscriber.ts";
import { Work } from "./_nats_work.ts";

/** How many messages a subscriber has at hand, those under way included. */
export const HELD_MAX = 512;

/**
 * How long one request for messages stands, in milliseconds. What is given back
 * waits for its end: a server of version 2.9 that has nobody to hand the first of
 * them to but a request whose subscription is gone keeps it until `ackWait`.
 */
const PULL_MS = 1_000;

/** The wait after a request for messages has failed, in milliseconds. */
const AGAIN_MS = 1_000;

/**
 * A message that was handed out so many times as often as it may fail, and neither
 * failed nor was handled, ends the process that handles it.
 */
const UNENDED_FACTOR = 10;

/** How messages are handed out. */
export interface DeliveryConfig {
  readonly concurrency: number;
  readonly maxDeliver: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMsMax: number;
}

/** What a channel works with. */
export interface ConsumerParts {
  readonly config: DeliveryConfig;
  readonly stream: Stream;
  readonly deadLetters: DeadLetters;
  readonly host: Host;
  /** The name of the consumer of a subject. */
  readonly nameOf: (subject: string) => string;
}

/** A message at hand. */
interface Held {
  readonly message: JsMsg;
  readonly consumer: string;
}

/** See the module comment. */
export class ConsumerChannel implements Channel {
  readonly #subscriber: Subscriber;
  readonly #parts: ConsumerParts;
  readonly #work: Work<Held>;
  readonly #pulls = new Set<Promise<unknown>>();
  /** To be given back. */
  #returning: JsMsg[] = [];
  /** Whoever waits until there is room for more. */
  #whenRoom: (() => void)[] = [];
  /** The connection of which messages are taken. */
  #session: Session | undefined;
  #cancelKeep: (() => void) | undefined;
  fault: string | undefined;

  constructor(subscriber: Subscriber, parts: ConsumerParts) {
    this.#subscriber = subscriber;
    this.#parts = parts;
    this.#work = new Work(
      parts.config.concurrency,
      (held) => this.#handle(held),
    );
  }

  /** Resolves when its consumers are there, or why not is in `fault`. */
  async begin(session: Session): Promise<void> {
    this.#session = session;
    this.fault = undefined;
    const { pattern, name } = this.#subscriber;
    const { stream, host } = this.#parts;
    const subjects = stream.filters(pattern);
    if (subjects.length === 0) {
      host.log.warn(
        `"${name}" gets nothing from "${pattern}": the stream ` +
          `"${stream.config.stream}" takes no such messages`,
      );
    }
    await Promise.all(
      subjects.map((subject) => this.#consume(subject, session)),
    );
  }

  /**
   * Takes nothing more, gives back what no handler has seen, and resolves when the
   * others are done.
   */
  async pause(): Promise<void> {
    this.#session = undefined;
    const waiting = this.#work.takeWaiting();
    this.#returning.push(...waiting.map(({ message }) => message));
    this.#tellRoom();
    await Promise.all([this.#giveBack(), this.#work.idle()]);
  }

  /** What is at hand is handled; the server hands it out again in any case. */
  lose(): void {
    this.#session = undefined;
    this.#returning = [];
    this.#work.takeWaiting();
    this.#tellRoom();
  }

  /** Nothing is lost: the server has it. */
  abandon(): number {
    this.#work.takeWaiting();
    this.#cancelKeep?.();
    return 0;
  }

  /** Makes the consumer and begins to pull, again and again until it works. */
  async #consume(subject: string, session: Session): Promise<void> {
    const name = this.#parts.nameOf(subject);
    try {
      const consumer = await this.#parts.stream.consumer(name, subject);
      this.fault = undefined;
      void this.#pullAll(consumer, subject, session);
    } catch (error) {
      this.#complain(error, session);
      void this.#again(session, () => this.#consume(subject, session));
    }
  }

  async #pullAll(
    consumer: Consumer,
    subject: string,
    session: Session,
  ): Promise<void> {
    try {
      while (this.#session === session) {
        const count = await this.#pull(consumer, subject);
        // A pull without a message has waited for one, if all is well.
        if (count === 0) await this.#parts.host.effects.clock.sleep(1);
      }
    } catch (error) {
      this.#complain(error, session);
      // It may be gone: it is made again.
      await this.#again(session, () => this.#consume(subject, session));
    }
  }

  /** Asks for as many messages as there is room for; returns how many came. */
  async #pull(consumer: Consumer, subject: string): Promise<number> {
    if (this.#work.size > HELD_MAX / 2) {
      await new Promise<void>((resolve) => this.#whenRoom.push(resolve));
    }
    if (this.#session === undefined) return 0;
    const pull = await consumer.fetch({
      max_messages: HELD_MAX - this.#work.size,
      expires: PULL_MS,
    });
    if (this.#session === undefined) {
      pull.stop();
      return 0;
    }
    const taken = this.#takeAll(pull, this.#parts.nameOf(subject));
    this.#pulls.add(taken);
    try {
      return await taken;
    } finally {
      this.#pulls.delete(taken);
    }
  }

  async #takeAll(pull: ConsumerMessages, consumer: string): Promise<number> {
    let count = 0;
    for await (const message of pull) {
      count++;
      this.#take({ message, consumer });
    }
    return count;
  }

  async #giveBack(): Promise<void> {
    await Promise.allSettled(this.#pulls);
    for (const message of this.#returning.splice(0)) tell(() => message.nak());
  }

  #take(held: Held): void {
    if (this.#session === undefined) {
      this.#returning.push(held.message);
      return;
    }
    this.#work.push(held);
    this.#keep();
  }

  /** Tells the server, before its patience ends, that messages are at hand still. */
  #keep(): void {
    if (this.#cancelKeep !== undefined) return;
    const { stream, host } = this.#parts;
    this.#cancelKeep = host.effects.clock.after(
      stream.config.ackWaitMs / 3,
      () => {
        this.#cancelKeep = undefined;
        for (const { message } of this.#work.items()) {
          tell(() => message.working());
        }
        if (this.#work.size > 0) this.#keep();
      },
    );
  }

  /** Never throws. */
  #handle(held: Held): void | Promise<void> {
    const done = this.#attempt(held);
    if (done === undefined) return this.#tellRoom();
    return done.then(() => this.#tellRoom());
  }

  #attempt(held: Held): void | Promise<void> {
    const { message, consumer } = held;
    const { maxDeliver } = this.#parts.config;
    const attempt = message.info.deliveryCount;
    if (!this.#isFor(message, consumer)) return tell(() => message.ack());
    if (attempt > maxDeliver * UNENDED_FACTOR) {
      return this.#bury(held, `It was handed out ${attempt} times without end`);
    }
    try {
      const done = this.#subscriber.receive(messageFrom(message));
      if (done !== undefined) {
        return done.then(
          () => this.#succeed(message),
          (error) => this.#fail(held, error),
        );
      }
    } catch (error) {
      return this.#fail(held, error);
    }
    this.#succeed(message);
  }

  #isFor({ subject, headers }: JsMsg, consumer: string): boolean {
    const only = headers?.get(HEADERS.onlyFor) ?? "";
    return (only === "" || only === consumer) &&
      this.#subscriber.wants(subject);
  }

  #succeed(message: JsMsg): void {
    tell(() => message.ack());
    this.#subscriber.delivered();
  }

  async #fail(held: Held, error: unknown): Promise<void> {
    const { message } = held;
    const { config } = this.#parts;
    const attempt = message.info.deliveryCount;
    const { subject: topic } = message;
    this.#subscriber.failed({ topic, id: idOf(message), attempt }, error);
    if (error instanceof TerminalError || attempt >= config.maxDeliver) {
      return await this.#bury(held, messageOf(error));
    }
    const stated = error instanceof RetryableError
      ? error.retryAfterMs
      : undefined;
    const waitMs = stated ?? Math.min(
      config.retryBackoffMs * 2 ** (attempt - 1),
      config.retryBackoffMsMax,
    );
    tell(() => message.nak(Math.max(1, Math.round(waitMs))));
  }

  /** Makes it a dead letter; where that fails it comes again. */
  async #bury({ message, consumer }: Held, reason: string): Promise<void> {
    const { deadLetters, config, host } = this.#parts;
    const { subject: topic } = message;
    const messageId = idOf(message);
    try {
      await deadLetters.bury(message, { consumer, reason, id: messageId });
    } catch (error) {
      host.log.error(
        `Cannot keep a dead letter: ${messageOf(error)}. It comes again`,
        { topic, messageId },
      );
      return tell(() => message.nak(config.retryBackoffMsMax));
    }
    tell(() => message.term());
    const said =
      `"${this.#subscriber.name}" gives up a message on "${topic}", ` +
      `which is a dead letter now: ${reason}`;
    host.log.error(said, { topic, messageId });
    host.notify("notice", { severity: "error", message: said });
    if (!host.meter.active) return;
    const labels = { module: host.name, operation: "dead_letter" };
    host.meter.record("module_operations_total", {
      ...labels,
      status: "failure",
    });
  }

  #complain(error: unknown, session: Session): void {
    if (this.#session !== session || session.connection.isClosed()) return;
    const { name, pattern } = this.#subscriber;
    this.fault = `"${name}" gets nothing from "${pattern}": ${
      messageOf(error)
    }`;
    this.#parts.host.log.error(this.fault);
  }

  async #again(session: Session, work: () => Promise<void>): Promise<void> {
    if (session.connection.isClosed()) return;
    await this.#parts.host.effects.clock.sleep(AGAIN_MS);
    if (this.#session === session) await work();
  }

  #tellRoom(): void {
    if (this.#whenRoom.length === 0) return;
    if (this.#session !== undefined && this.#work.size > HELD_MAX / 2) return;
    for (const resolve of this.#whenRoom.splice(0)) resolve();
  }
}

/** The same at every attempt. */
function idOf({ headers, info }: JsMsg): string {
  return headers?.get(HEADERS.originalId) ||
    headers?.get(HEADERS.messageId) ||
    `${info.stream}/${info.streamSequence}`;
}

function messageFrom(message: JsMsg): Message {
  return {
    id: idOf(message),
    topic: message.subject,
    payload: decodePayload(message.data),
    publishedAt: Math.floor(message.info.timestampNanos / 1_000_000),
    attempt: message.info.deliveryCount,
    ...originOf(message.headers),
  };
}

/** Tells the server of a message; if it cannot be told, the message comes again. */
function tell(say: () => void): void {
  try {
    say();
  } catch {
    // The connection is gone, and with it what was at hand.
  }
}
