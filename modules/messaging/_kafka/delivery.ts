/**
 * Hands records to subscribers, one after the other for each partition. A
 * subscriber that fails gets the message again, later and later; what always
 * fails goes to the topic for dead letters. Only then the record is handled.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";
import type { Traffic } from "../../_memory_broker/traffic.ts";
import type { Labels } from "../../_memory_broker/labels.ts";
import { backoffMs } from "./backoff.ts";
import type { Batch, StoredRecord } from "./driver.ts";
import type { PayloadCipher } from "./payload_cipher.ts";
import type { Publisher } from "./publisher.ts";
import { type KafkaMessage, messageOfRecord } from "./record.ts";
import type { Subscription, Subscriptions } from "./subscriptions.ts";

/** How often we say that we live while something is handled, in milliseconds. */
const ALIVE_MS = 1_000;

/** The longest wait before a message is tried again, in milliseconds. */
const RETRY_MS_MAX = 60_000;

/** The metrics that this reports. */
export const DELIVERY_METRICS = {
  kafka_dead_letters_total: {
    kind: "counter",
    help: "Messages that went to the topic for dead letters",
    labels: ["module", "topic"],
  },
  kafka_retries_total: {
    kind: "counter",
    help: "Messages that a subscriber gets again, since it failed",
    labels: ["module", "topic"],
  },
} as const;

/** What it works with. */
export interface DeliveryParts {
  readonly subscriptions: Subscriptions;
  readonly publisher: Publisher;
  readonly cipher: PayloadCipher | undefined;
  readonly traffic: Traffic;
  readonly labels: Labels;
}

/** When it gives up. */
export interface DeliveryOptions {
  readonly attemptsMax: number;
  readonly retryBackoffMs: number;
  readonly deadLetterTopic: string;
}

/** A message, and the record that it was. */
interface Given {
  readonly message: KafkaMessage;
  readonly record: StoredRecord;
}

/** A message that a subscriber could not handle. */
interface Failure {
  readonly record: StoredRecord;
  readonly subscriber: string;
  readonly attempts: number;
  readonly error: unknown;
}

/** See the module comment. */
export class Delivery {
  readonly #host: Host;
  readonly #options: DeliveryOptions;
  readonly #parts: DeliveryParts;
  /** Why dead letters cannot be written at the moment. */
  #trouble: string | undefined;

  constructor(host: Host, options: DeliveryOptions, parts: DeliveryParts) {
    this.#host = host;
    this.#options = options;
    this.#parts = parts;
  }

  /** What holds it up; `undefined` if all is well. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /**
   * Handles a batch, or as much of it as there is time for.
   *
   * @param closing Aborts when what is under way should end soon.
   */
  async take(batch: Batch, closing: AbortSignal): Promise<void> {
    const lost = new AbortController();
    const signal = AbortSignal.any([lost.signal, closing]);
    const { clock } = this.#host.effects;
    let latest: StoredRecord | undefined;
    let cancel = () => {};
    const sayAlive = (): void => {
      if (latest !== undefined) batch.handled(latest);
      const again = () => cancel = clock.after(ALIVE_MS, sayAlive);
      batch.keepAlive().then(again, (error) => lost.abort(error));
    };
    cancel = clock.after(ALIVE_MS, sayAlive);
    try {
      for (const record of batch.records) {
        if (signal.aborted || !batch.isCurrent()) break;
        const isHandled = this.#handle(record, signal);
        // Waiting for what is done already would cost a turn a message.
        if (!(isHandled === true || await isHandled)) break;
        latest = record;
      }
    } finally {
      cancel();
      if (latest !== undefined) batch.handled(latest);
    }
    if (lost.signal.aborted) throw lost.signal.reason;
  }

  /** Whether the record need not come again. */
  #handle(
    record: StoredRecord,
    signal: AbortSignal,
  ): boolean | Promise<boolean> {
    const takers = this.#parts.subscriptions.of(record.topic);
    // Who wanted it has just gone: it waits for who comes next.
    if (takers.length === 0) return false;
    try {
      const message = messageOfRecord(record, this.#parts.cipher);
      if (!(message instanceof Promise)) {
        return this.#giveAll(takers, { message, record }, signal);
      }
      return message.then(
        (message) => this.#giveAll(takers, { message, record }, signal),
        (error) => this.#buryUnread({ takers, record, error }, signal),
      );
    } catch (error) {
      return this.#buryUnread({ takers, record, error }, signal);
    }
  }

  #giveAll(
    takers: readonly Subscription[],
    given: Given,
    signal: AbortSignal,
  ): boolean | Promise<boolean> {
    const [only] = takers;
    if (only !== undefined && takers.length === 1) {
      return this.#give(only, given, signal);
    }
    return Promise.all(takers.map((taker) => this.#give(taker, given, signal)))
      .then((done) => done.every((isDone) => isDone));
  }

  #buryUnread(
    { takers, record, error }: {
      readonly takers: readonly Subscription[];
      readonly record: StoredRecord;
      readonly error: unknown;
    },
    signal: AbortSignal,
  ): Promise<boolean> {
    const subscriber = takers.map(({ name }) => name).join(", ");
    return this.#bury({ record, subscriber, attempts: 1, error }, signal);
  }

  /** A promise only if the subscriber needs time, or fails. */
  #give(
    taker: Subscription,
    given: Given,
    signal: AbortSignal,
  ): boolean | Promise<boolean> {
    try {
      const done = taker.receive(given.message);
      if (done !== undefined) {
        return done.then(
          () => this.#delivered(taker.name),
          (error) => this.#giveAgain(taker, { ...given, error }, signal),
        );
      }
    } catch (error) {
      return this.#giveAgain(taker, { ...given, error }, signal);
    }
    return this.#delivered(taker.name);
  }

  async #giveAgain(
    { name, receive }: Subscription,
    { message, record, error }: Given & { readonly error: unknown },
    signal: AbortSignal,
  ): Promise<boolean> {
    let latest = error;
    for (let attempt = 1;; attempt++) {
      this.#failed(name, { ...message, attempt }, latest);
      const isLast = latest instanceof TerminalError ||
        attempt >= this.#options.attemptsMax;
      if (isLast) {
        return await this.#bury(
          { record, subscriber: name, attempts: attempt, error: latest },
          signal,
        );
      }
      this.#count("kafka_retries_total", message.topic);
      const isTime = await this.#pause(this.#waitMs(attempt, latest), signal);
      if (!isTime) return false;
      try {
        await receive({ ...message, attempt: attempt + 1 });
        return this.#delivered(name);
      } catch (error) {
        latest = error;
      }
    }
  }

  /** Writes a dead letter, as often as it takes. */
  async #bury(failure: Failure, signal: AbortSignal): Promise<boolean> {
    const { record, subscriber, attempts } = failure;
    const { deadLetterTopic: topic } = this.#options;
    const place = `${record.topic}/${record.partition}/${record.offset}`;
    const reason = messageOf(failure.error);
    if (record.topic === topic) {
      this.#tell(
        `"${subscriber}" cannot handle dead letter ${place}: ${reason}`,
      );
      return true;
    }
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.#parts.publisher.write({
          topic,
          key: record.key,
          value: record.value,
          headers: { ...record.headers, ...deadLetterHeaders(failure) },
        });
        this.#trouble = undefined;
        this.#count("kafka_dead_letters_total", record.topic);
        this.#tell(
          `"${subscriber}" cannot handle message ${place}, which goes to ` +
            `"${topic}" after attempt ${attempts}: ${reason}`,
        );
        return true;
      } catch (error) {
        this.#trouble =
          `Dead letter ${place} cannot be written, and holds up ` +
          `its partition: ${messageOf(error)}`;
        this.#host.log.error(this.#trouble);
        await this.#pause(this.#waitMs(failures, error), signal);
      }
    }
    this.#trouble = undefined;
    return false;
  }

  /** Whether the time has passed without a reason to end. */
  async #pause(ms: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#host.effects.clock.sleep(ms, signal);
      return true;
    } catch {
      // The message comes again, to us or to somebody else.
      return false;
    }
  }

  #waitMs(failures: number, error: unknown): number {
    const stated = error instanceof RetryableError
      ? error.retryAfterMs
      : undefined;
    if (stated !== undefined) return Math.min(stated, RETRY_MS_MAX);
    const { retryBackoffMs: firstMs } = this.#options;
    const limits = { firstMs, lastMs: Math.max(firstMs, RETRY_MS_MAX) };
    return backoffMs(failures, limits, this.#host.effects.random);
  }

  /** Always true: what is delivered need not come again. */
  #delivered(subscriber: string): boolean {
    const { meter } = this.#host;
    const { labels, traffic } = this.#parts;
    traffic.delivered(subscriber);
    if (meter.active) {
      meter.record("module_operations_total", labels.deliver.success);
    }
    return true;
  }

  #failed(
    subscriber: string,
    { topic, id, attempt }: KafkaMessage,
    error: unknown,
  ): void {
    const { meter, log } = this.#host;
    const { labels, traffic } = this.#parts;
    const text = messageOf(error);
    traffic.failed(subscriber, text);
    log.error(
      `"${subscriber}" failed to handle a message at attempt ${attempt}: ${text}`,
      { topic, messageId: id, attempt },
    );
    if (!meter.active) return;
    meter.record("module_operations_total", labels.deliver.failure);
  }

  #count(metric: keyof typeof DELIVERY_METRICS, topic: string): void {
    const { meter, name: module } = this.#host;
    if (meter.active) meter.recordOwn(metric, { module, topic });
  }

  #tell(message: string): void {
    this.#host.log.error(message);
    this.#host.notify("notice", { severity: "error", message });
  }
}

/** Where a dead letter comes from, and why. */
function deadLetterHeaders({ record, subscriber, attempts, error }: Failure) {
  return {
    "dead-letter-reason": messageOf(error),
    "dead-letter-subscriber": subscriber,
    "dead-letter-attempts": String(attempts),
    "dead-letter-topic": record.topic,
    "dead-letter-partition": String(record.partition),
    "dead-letter-offset": record.offset,
  };
}
