/**
 * Reads as a member of a group, as long as somebody subscribes: joins again when
 * the topics change, and when it was lost, later and later.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { backoffMs, RECONNECT } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import type { ConsumeOptions, Consumption, KafkaDriver } from "./driver.ts";
import type { Delivery } from "./delivery.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** How often new topics are looked for that a pattern means, in milliseconds. */
export const LOOK_MS = 10_000;

/** How a group reads, but for its topics. */
export type GroupOptions =
  & Omit<ConsumeOptions, "topics" | "wholeTopics" | "take" | "lost">
  & { readonly deadLetterTopic: string };

/** What it works with. */
export interface GroupParts {
  readonly connection: Connection;
  readonly subscriptions: Subscriptions;
  readonly delivery: Delivery;
}

/** See the module comment. */
export class Group {
  readonly #host: Host;
  readonly #options: GroupOptions;
  readonly #parts: GroupParts;
  #closing = new AbortController();
  #running: Promise<void> | undefined;
  #wake = () => {};
  /** Something has changed since the topics were last looked at. */
  #hasChanged = false;
  /** The topics that there were at the first look. */
  #firstTopics: ReadonlySet<string> | undefined;
  /** Those that came later: a pattern means all that is in them. */
  readonly #laterTopics = new Set<string>();
  #isReading = false;
  #isIdle = true;
  #reason: string | undefined;

  constructor(host: Host, options: GroupOptions, parts: GroupParts) {
    this.#host = host;
    this.#options = options;
    this.#parts = parts;
  }

  /** Whether it reads. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Why it does not read though it should; `undefined` if all is well. */
  get fault(): string | undefined {
    if (this.#running === undefined || this.#isReading || this.#isIdle) {
      return undefined;
    }
    return this.#reason ?? `Group "${this.#options.groupId}" is being joined`;
  }

  open(): void {
    this.#closing = new AbortController();
    this.#isIdle = false;
    this.#running ??= this.#run(this.#closing.signal);
  }

  /** Lets what is under way end, and leaves the group. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("It closes"));
    this.#wake();
    await this.#running;
    this.#running = undefined;
  }

  /** Somebody has come or gone. */
  changed(): void {
    this.#hasChanged = true;
    this.#wake();
  }

  async #run(closing: AbortSignal): Promise<void> {
    const { random } = this.#host.effects;
    let failures = 0;
    while (!closing.aborted) {
      try {
        const driver = await ended(this.#parts.connection.ready, closing);
        await this.#read(driver, closing, () => failures = 0);
      } catch (error) {
        if (closing.aborted) break;
        failures++;
        this.#complain(messageOf(error));
        await this.#sleep(backoffMs(failures, RECONNECT, random), closing);
      }
    }
    this.#isReading = false;
  }

  /**
   * Reads the topics of now until others are wanted.
   *
   * @throws if it is lost.
   */
  async #read(
    driver: KafkaDriver,
    closing: AbortSignal,
    joined: () => void,
  ): Promise<void> {
    const topics = await this.#topics(driver);
    this.#isIdle = topics.length === 0;
    if (this.#isIdle) return await this.#untilOther(driver, topics, closing);
    const lost = Promise.withResolvers<never>();
    // It may be lost while nobody waits for it.
    lost.promise.catch(() => {});
    let consumption: Consumption | undefined;
    try {
      consumption = await driver.consume({
        ...this.#options,
        topics,
        wholeTopics: this.#laterTopics,
        take: (batch) => this.#parts.delivery.take(batch, closing),
        lost: (reason) => lost.reject(new Error(reason)),
      });
      this.#isReading = true;
      this.#reason = undefined;
      joined();
      this.#host.log.info(`Reads ${topics.join(", ")}`);
      await Promise.race([
        lost.promise,
        this.#untilOther(driver, topics, closing),
      ]);
    } finally {
      this.#isReading = false;
      await consumption?.stop();
    }
  }

  /** Resolves when other topics are wanted than these, or reading should end. */
  async #untilOther(
    driver: KafkaDriver,
    topics: readonly string[],
    closing: AbortSignal,
  ): Promise<void> {
    const { log } = this.#host;
    while (!closing.aborted) {
      await this.#woken(closing);
      // Nothing is known while nobody answers: what is read stays the same.
      const now = await this.#topics(driver).catch((error) => {
        log.debug(`Cannot list topics: ${messageOf(error)}`);
        return topics;
      });
      if (now.join() !== topics.join()) return;
    }
  }

  async #topics(driver: KafkaDriver): Promise<readonly string[]> {
    const { subscriptions } = this.#parts;
    this.#hasChanged = false;
    const existing = subscriptions.hasPatterns ? await driver.topics() : [];
    if (subscriptions.hasPatterns) this.#firstTopics ??= new Set(existing);
    for (const topic of existing) {
      if (this.#firstTopics?.has(topic) === false) this.#laterTopics.add(topic);
    }
    return subscriptions.topics(existing, this.#options.deadLetterTopic);
  }

  /** Resolves when something has changed, or may have. */
  async #woken(closing: AbortSignal): Promise<void> {
    if (closing.aborted || this.#hasChanged) return;
    const { clock } = this.#host.effects;
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const cancel = this.#parts.subscriptions.hasPatterns
      ? clock.after(LOOK_MS, woken.resolve)
      : () => {};
    await woken.promise;
    cancel();
  }

  async #sleep(ms: number, closing: AbortSignal): Promise<void> {
    await this.#host.effects.clock.sleep(ms, closing).catch(() => {
      // The loop ends.
    });
  }

  #complain(reason: string): void {
    // One line a reason, not one an attempt.
    if (reason !== this.#reason) {
      this.#host.log.warn(`Cannot read, and tries again: ${reason}`);
    }
    this.#reason = reason;
  }
}

/** @throws the reason of the signal, if that comes first. */
function ended<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() =>
      signal.removeEventListener("abort", abort)
    );
  });
}
