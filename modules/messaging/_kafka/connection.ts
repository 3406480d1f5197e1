/**
 * The connection to a cluster: made in the background, as often as it takes, so
 * that an application starts without its cluster.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { backoffMs, RECONNECT } from "./backoff.ts";
import type { KafkaDriver } from "./driver.ts";

/** How long a cluster may take to say that it is there, in milliseconds. */
export const PROBE_MS_MAX = 1_500;

/** How long an attempt to connect may hold up a stop, in milliseconds. */
const END_MS_MAX = 2_000;

/** See the module comment. */
export class Connection {
  readonly #host: Host;
  readonly #driver: KafkaDriver;
  readonly #ready = Promise.withResolvers<KafkaDriver>();
  readonly #end = new AbortController();
  #connecting: Promise<void> | undefined;
  #reason: string | undefined = "Not connected yet";

  constructor(host: Host, driver: KafkaDriver) {
    this.#host = host;
    this.#driver = driver;
    // Who ends it may be the only one who has ever asked for it.
    this.#ready.promise.catch(() => {});
  }

  /** The driver once it was connected; rejects when this ends. */
  get ready(): Promise<KafkaDriver> {
    return this.#ready.promise;
  }

  /** Why it has never been connected; `undefined` once it was. */
  get reason(): string | undefined {
    return this.#reason;
  }

  begin(): void {
    this.#connecting ??= this.#connect();
  }

  async end(): Promise<void> {
    const reason = new Error(`"${this.#host.name}" has stopped`);
    this.#end.abort(reason);
    this.#ready.reject(reason);
    const closed = Promise.resolve(this.#connecting)
      .then(() => this.#driver.close());
    const late = Promise.withResolvers<void>();
    const cancel = this.#host.effects.clock.after(END_MS_MAX, late.resolve);
    await Promise.race([closed, late.promise]);
    cancel();
  }

  /** What keeps the cluster from answering now; `undefined` if it answers. */
  async fault(): Promise<string | undefined> {
    if (this.#reason !== undefined) return this.#reason;
    const late = Promise.withResolvers<string>();
    const cancel = this.#host.effects.clock.after(
      PROBE_MS_MAX,
      () => late.resolve(`No answer within ${PROBE_MS_MAX} ms`),
    );
    try {
      const answer = this.#driver.topics().then(() => undefined, messageOf);
      return await Promise.race([answer, late.promise]);
    } finally {
      cancel();
    }
  }

  async #connect(): Promise<void> {
    const { log, effects: { clock, random } } = this.#host;
    for (let failures = 1; !this.#end.signal.aborted; failures++) {
      try {
        await this.#driver.connect();
        this.#reason = undefined;
        if (failures > 1) log.info("Connected to Kafka");
        return this.#ready.resolve(this.#driver);
      } catch (error) {
        const reason = messageOf(error);
        // One line a reason, not one an attempt.
        if (reason !== this.#reason) {
          log.warn(`Cannot connect to Kafka, and tries again: ${reason}`);
        }
        this.#reason = reason;
      }
      const ms = backoffMs(failures, RECONNECT, random);
      await clock.sleep(ms, this.#end.signal).catch(() => {
        // The loop ends.
      });
    }
  }
}
