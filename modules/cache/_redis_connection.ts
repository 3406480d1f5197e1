/**
 * One connection to Redis, which is made again whenever it is lost. While there is
 * none, commands fail at once.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf, RetryableError } from "@engine/errors.ts";
import { withDeadline } from "@engine/outgoing/deadline.ts";
import type { Health } from "@engine/services/health_reporter.ts";
import type { createClient } from "redis";

/** How long a connection may take to be there, in milliseconds. */
export const CONNECT_MS_MAX = 5_000;

/** How long an answer may take, in milliseconds. */
export const COMMAND_MS_MAX = 5_000;

/** The wait before the first further attempt, in milliseconds; each one doubles it. */
export const BACKOFF_MS_MIN = 100;

/** The longest wait between attempts, in milliseconds. */
export const BACKOFF_MS_MAX = 10_000;

/** How many commands may wait for their answers; more fail at once. */
export const COMMANDS_MAX = 10_000;

/** Where Redis is. */
export interface RedisAddress {
  readonly url: string;
  readonly password: string | undefined;
  readonly database: number | undefined;
}

/** What commands are given to. */
export type RedisClient = ReturnType<typeof createClient>;

/** See the module comment. */
export class RedisConnection {
  readonly #address: RedisAddress;
  readonly #host: Host;
  #client: RedisClient | undefined;
  /** Why there is no connection. */
  #failure: string | undefined = "the first connection is being made";
  #attempts = 0;
  #cancelRetry: () => void = () => {};
  #hasEnded = false;

  constructor(address: RedisAddress, host: Host) {
    this.#address = address;
    this.#host = host;
  }

  /** Resolves after the first attempt, whatever came of it. */
  async begin(): Promise<void> {
    this.#hasEnded = false;
    await this.#connect();
  }

  /** Lets the commands under way finish. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#cancelRetry();
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    try {
      await this.#inTime(() => client.close());
    } catch {
      client.destroy();
    }
  }

  /** Asks for real: a server that stands still is not healthy. */
  async health(): Promise<Health> {
    try {
      await this.run((client) => client.ping());
      return { status: "healthy" };
    } catch (error) {
      return { status: "degraded", message: messageOf(error) };
    }
  }

  /**
   * Gives commands to Redis.
   *
   * @throws {RetryableError} if there is no connection, it breaks, or the answer
   * takes too long: whether the commands were done is not known then.
   * @throws what Redis answers with, where it refuses a command.
   */
  async run<T>(commands: (client: RedisClient) => Promise<T>): Promise<T> {
    const client = this.#client;
    if (client === undefined) {
      throw new RetryableError(
        `Redis cannot be reached: ${this.#failure ?? "it has been stopped"}`,
      );
    }
    try {
      return await this.#inTime(() => commands(client));
    } catch (error) {
      if (error instanceof RetryableError || !client.isReady) {
        throw new RetryableError(`Redis cannot be reached: ${plain(error)}`);
      }
      throw error;
    }
  }

  async #connect(): Promise<void> {
    const { createClient } = await import("redis");
    const { url, password, database } = this.#address;
    const client = createClient({
      url,
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      name: "workflow",
      disableOfflineQueue: true,
      commandsQueueMaxLength: COMMANDS_MAX,
      // Connecting again is done here, where the clock is the engine's.
      socket: { connectTimeout: CONNECT_MS_MAX, reconnectStrategy: false },
    }) as RedisClient;
    // Without a listener the process would end.
    client.on("error", (error) => this.#lost(client, error));
    try {
      await this.#inTime(() => client.connect());
    } catch (error) {
      if (client.isOpen) client.destroy();
      return this.#failed(plain(error));
    }
    if (this.#hasEnded) return client.destroy();
    this.#client = client;
    this.#failure = undefined;
    if (this.#attempts > 0) this.#host.log.info("Redis is there again");
    this.#attempts = 0;
  }

  #lost(client: RedisClient, error: unknown): void {
    // Attempts that fail are told by what they throw.
    if (this.#client !== client) return;
    this.#client = undefined;
    if (client.isOpen) client.destroy();
    this.#failed(plain(error));
  }

  #failed(reason: string): void {
    if (this.#hasEnded) return;
    const isNew = this.#failure !== reason;
    this.#failure = reason;
    if (isNew || this.#attempts === 0) {
      this.#host.log.warn(`Cannot reach Redis: ${reason}`);
    }
    const { clock, random } = this.#host.effects;
    const waitMs = Math.min(
      BACKOFF_MS_MAX,
      BACKOFF_MS_MIN * 2 ** Math.min(this.#attempts++, 10),
    );
    // Up to a half is left out, so that not all processes come at once.
    this.#cancelRetry = clock.after(
      waitMs * (1 - random.float() / 2),
      () => void this.#connect(),
    );
  }

  #inTime<T>(work: () => Promise<T>): Promise<T> {
    return withDeadline({
      clock: this.#host.effects.clock,
      ms: COMMAND_MS_MAX,
      signal: NEVER,
      late: () =>
        new RetryableError(`No answer came within ${COMMAND_MS_MAX} ms`),
    }, work);
  }
}

const NEVER = new AbortController().signal;

/** What went wrong, in a line; of several attempts at addresses, the first. */
function plain(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const text = messageOf(first ?? error);
  if (/^(WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password)/.test(text)) {
    return "the password is refused";
  }
  return text === "" ? "the connection broke" : text;
}
