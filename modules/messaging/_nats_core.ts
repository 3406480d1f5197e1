/**
 * What core NATS does: a message goes to who is subscribed at the moment, at most
 * once.
 *
 * @module
 */
import type { Msg, Subscription } from "@nats-io/transport-node";
import type { Host } from "@engine/define.ts";
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";
import type { Message } from "@engine/services/broker.ts";
import type { Connection, Session } from "./_nats_connection.ts";
import {
  decodePayload,
  HEADERS,
  type Origin,
  originHeaders,
  originOf,
} from "./_nats_message.ts";
import type { Channel, Subscriber } from "./_nats_subscriber.ts";
import { subjectsOf } from "./_nats_subject.ts";
import { Work } from "./_nats_work.ts";

/** How many messages may wait for one subscriber. */
export const QUEUE_MESSAGES_MAX = 10_000;

/** A message on its way out. */
export interface Outgoing extends Origin {
  readonly topic: string;
  readonly text: string;
}

/** What is published to one topic before the server is asked once. */
interface Batch {
  readonly denied: Promise<ReadonlySet<string>>;
  /** By topic: thousands of messages share the promise of the few topics they have. */
  readonly accepted: Map<string, Promise<void>>;
}

/** Publishes, and asks the server whether it has got that: once for many. */
export class CorePublisher {
  readonly #connection: Connection;
  readonly #requestTimeoutMs: number;
  readonly #turn: () => Promise<void>;
  #denied = new Set<string>();
  #asking: Promise<unknown> = Promise.resolve();
  #next: Batch | undefined;

  constructor(
    connection: Connection,
    requestTimeoutMs: number,
    { effects }: Pick<Host, "effects">,
  ) {
    this.#connection = connection;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#turn = effects.clock.turn;
  }

  /**
   * Resolves when the server has the message.
   *
   * @throws {RetryableError} if nobody knows whether it has.
   * @throws {TerminalError} if the message is too large for it, or not permitted.
   */
  send(message: Outgoing, session: Session): Promise<void> {
    write(session, message);
    const { topic } = message;
    this.#next ??= { denied: this.#ask(session), accepted: new Map() };
    const known = this.#next.accepted.get(topic);
    if (known !== undefined) return known;
    const accepted = this.#next.denied.then((denied) => {
      if (denied.has(topic)) throw notPermitted(topic);
    });
    this.#next.accepted.set(topic, accepted);
    return accepted;
  }

  /** The server has refused a message. */
  denied(subject: string): void {
    this.#denied.add(subject);
  }

  /** Which of the subjects that were published to by now were refused. */
  async #ask(session: Session): Promise<ReadonlySet<string>> {
    // Those who publish while an answer is awaited share the next one.
    await this.#asking;
    const answer = this.#connection.within(
      this.#requestTimeoutMs,
      session.connection.flush(),
      session,
    );
    this.#next = undefined;
    this.#asking = answer.catch(() => {});
    await answer;
    // A refusal comes before the answer, by a longer way.
    await this.#turn();
    const denied = this.#denied;
    if (denied.size > 0) this.#denied = new Set();
    return denied;
  }
}

function notPermitted(topic: string): TerminalError {
  return new TerminalError(
    `Cannot publish to "${topic}": the server does not permit it`,
  );
}

/**
 * @throws {TerminalError} if the server takes no message of this size.
 * @throws {RetryableError} if the connection has just been closed.
 */
function write(
  { connection, library }: Session,
  message: Outgoing,
): void {
  const { topic } = message;
  try {
    const origin = originHeaders(message);
    if (origin === undefined) return connection.publish(topic, message.text);
    const headers = library.headers();
    for (const [name, value] of Object.entries(origin)) {
      headers.set(name, value);
    }
    connection.publish(topic, message.text, { headers });
  } catch (error) {
    const text = `Cannot publish to "${topic}": ${messageOf(error)}`;
    throw error instanceof library.InvalidArgumentError
      ? new TerminalError(text, { cause: error })
      : new RetryableError(text, { cause: error });
  }
}

/** One subscriber's messages. */
export class CoreChannel implements Channel {
  readonly #subscriber: Subscriber;
  readonly #queue: string | undefined;
  readonly #host: Host;
  readonly #work: Work<Message>;
  #subscriptions: readonly Subscription[] = [];
  fault: string | undefined;

  /** @param queue Of the subscribers in one queue each message goes to one. */
  constructor(
    subscriber: Subscriber,
    { queue, concurrency }: {
      readonly queue: string | undefined;
      readonly concurrency: number;
    },
    host: Host,
  ) {
    this.#subscriber = subscriber;
    this.#queue = queue;
    this.#host = host;
    this.#work = new Work(
      concurrency,
      (message) => subscriber.hand(message),
    );
  }

  begin({ connection }: Session): Promise<void> {
    const queue = this.#queue;
    this.fault = undefined;
    this.#subscriptions = subjectsOf(this.#subscriber.pattern).map((subject) =>
      connection.subscribe(subject, {
        ...(queue === undefined ? {} : { queue }),
        callback: (error, message) => {
          if (error === null) this.#take(message);
          else this.#complain(error);
        },
      })
    );
    return Promise.resolve();
  }

  /** Takes nothing more; resolves when what has come is handled. */
  async pause(): Promise<void> {
    const subscriptions = this.#subscriptions;
    this.#subscriptions = [];
    // Where the connection is gone so are they.
    await Promise.allSettled(subscriptions.map((each) => each.drain()));
    await this.#work.idle();
  }

  /** The connection is gone, and what it was to bring with it. */
  lose(): void {
    this.#subscriptions = [];
  }

  abandon(): number {
    return this.#work.takeWaiting().length;
  }

  #take(message: Msg): void {
    const { subject: topic, headers } = message;
    if (!this.#subscriber.wants(topic)) return;
    if (this.#work.size >= QUEUE_MESSAGES_MAX) {
      return this.#subscriber.dropped(topic);
    }
    const { ids, clock } = this.#host.effects;
    try {
      this.#work.push({
        id: headers?.get(HEADERS.originalId) ||
          headers?.get(HEADERS.messageId) || ids.next(),
        topic,
        payload: decodePayload(message.data),
        publishedAt: clock.now(),
        attempt: 1,
        ...originOf(headers),
      });
    } catch (error) {
      this.#subscriber.failed({ topic }, error);
    }
  }

  #complain(error: Error): void {
    const { name, pattern } = this.#subscriber;
    this.fault = `"${name}" gets nothing from "${pattern}": ${
      messageOf(error)
    }`;
    this.#host.log.error(this.fault);
  }
}
