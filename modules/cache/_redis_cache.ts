/**
 * A cache in Redis, which several processes and applications share. Each has keys
 * of its own, which begin alike.
 *
 * @module
 */
import type { JsonValue } from "@engine/define.ts";
import { messageOf, RetryableError } from "@engine/errors.ts";
import type { Cache, CacheOptions } from "@engine/services/cache.ts";
import { notANumber } from "./_refusals.ts";
import type { RedisClient, RedisConnection } from "./_redis_connection.ts";

/** How many keys are looked at in one command when all are removed. */
const SCAN_COUNT = 500;

/** See the module comment. */
export class RedisCache implements Cache {
  readonly #connection: RedisConnection;
  readonly #prefix: string;
  readonly #ttlMs: number;

  constructor(connection: RedisConnection, prefix: string, ttlMs: number) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#ttlMs = ttlMs;
  }

  async get(key: string): Promise<JsonValue | undefined> {
    try {
      const text = await this.#connection.run((client) =>
        client.get(this.#prefix + key)
      );
      return text === null ? undefined : JSON.parse(text);
    } catch {
      // Away, or written by somebody else in another form: not there.
      return undefined;
    }
  }

  async has(key: string): Promise<boolean> {
    try {
      return await this.#connection.run((client) =>
        client.exists(this.#prefix + key)
      ) > 0;
    } catch {
      return false;
    }
  }

  async set(
    key: string,
    value: JsonValue,
    options?: CacheOptions,
  ): Promise<void> {
    await this.#change(`keep "${key}"`, (client) =>
      client.set(
        this.#prefix + key,
        JSON.stringify(value),
        this.#expiry(options),
      ));
  }

  async delete(key: string): Promise<boolean> {
    return await this.#change(
      `forget "${key}"`,
      (client) => client.del(this.#prefix + key),
    ) > 0;
  }

  async increment(
    key: string,
    by: number,
    options?: CacheOptions,
  ): Promise<number> {
    if (!Number.isSafeInteger(by)) throw notANumber(key);
    const name = this.#prefix + key;
    try {
      return await this.#change(`count up "${key}"`, async (client) => {
        // Both or neither, and nobody in between; the first one sets the time.
        const [, sum] = await client.multi()
          .set(name, "0", { ...this.#expiry(options), condition: "NX" })
          .incrBy(name, by)
          .exec();
        return Number(sum);
      });
    } catch (error) {
      throw isNoNumber(error) ? notANumber(key) : error;
    }
  }

  async clear(): Promise<void> {
    await this.#change("forget everything", async (client) => {
      const MATCH = `${escaped(this.#prefix)}*`;
      let cursor = "0";
      do {
        const found = await client.scan(cursor, { MATCH, COUNT: SCAN_COUNT });
        if (found.keys.length > 0) await client.unlink(found.keys);
        cursor = found.cursor;
      } while (cursor !== "0");
    });
  }

  #expiry({ ttlMs = this.#ttlMs }: CacheOptions = {}) {
    return ttlMs === 0 ? {} : {
      expiration: { type: "PX", value: Math.max(1, Math.ceil(ttlMs)) },
    } as const;
  }

  async #change<T>(
    what: string,
    commands: (client: RedisClient) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#connection.run(commands);
    } catch (cause) {
      // What Redis answers with, such as that it is full, may be over later, too.
      const message = `Cannot ${what}: ${messageOf(cause)}`;
      throw new RetryableError(message, { cause });
    }
  }
}

/** Of several commands, Redis says of each what it makes of it. */
function isNoNumber(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const replies = cause instanceof Error && "replies" in cause
    ? cause.replies
    : undefined;
  return Array.isArray(replies) &&
    replies.some((reply) => /not an integer|overflow/.test(messageOf(reply)));
}

/** As a pattern that means itself. */
function escaped(text: string): string {
  return text.replace(/[*?[\]\\^-]/g, "\\$&");
}
