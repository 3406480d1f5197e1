/**
 * Keeps values for a while: in the memory of the process, or in Redis, where
 * several processes share them. While Redis is away the application runs on: what
 * is looked for is not there, what is to be kept is refused, and the health says
 * why.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Host,
  type Issue,
  type JsonValue,
  type Lifecycle,
  secret,
} from "@engine/define.ts";
import { Actions } from "@engine/services/actions.ts";
import { Cache, type CacheOptions } from "@engine/services/cache.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { inBothSpellings, inOneSpelling } from "../_spellings.ts";
import { actingOn, cacheActions, cacheMetrics } from "../_cache_actions.ts";
import { MemoryCache } from "./_memory_cache.ts";
import { RedisCache } from "./_redis_cache.ts";
import { RedisConnection } from "./_redis_connection.ts";

const time = z.union([duration(), z.number().min(0).meta({ unit: "s" })]);

const config = inBothSpellings({
  engine: z.enum(["memory", "redis"]).default("memory").describe(
    "What keeps the values: the memory of the process, or Redis",
  ),
  defaultTTL: time.default(300).describe(
    "How long a value is kept that is set without saying so; a number counts " +
      "seconds; 0: until room is needed",
  ),
  cleanupInterval: time.default(60).describe(
    "How often the memory drops values whose time is over; a number counts " +
      "seconds. Redis does that by itself",
  ),
  maxItems: z.int().min(1).max(10_000_000).default(10_000)
    .meta({ unit: "count" }).describe(
      "How many values the memory holds; one more takes the place of the one " +
        "that was not used for longest. Redis has limits of its own",
    ),
  redisURL: secret().optional().describe(
    "Where Redis is, with engine: redis; rediss:// speaks TLS",
  ).meta({ examples: ["redis://127.0.0.1:6379"] }),
  redisPassword: secret().optional().describe(
    "The password of Redis, if the URL does not hold it",
  ),
  redisDB: z.int().min(0).optional().describe(
    "The number of the database in Redis; absent: that of the URL, else 0",
  ),
  keyPrefix: z.string().max(200).optional().describe(
    "What the keys in Redis begin with; absent: the application and the name " +
      "of the module. Caches with one prefix share their values",
  ),
});

type Config = z.output<typeof config>;

export default defineModule({
  type: "cache.modular",
  summary: "Keeps values for a while, in memory or in Redis",
  stability: "stable",
  config,
  section: "cache",
  inert: {
    connectionMaxAge: "a connection lasts as long as Redis keeps it",
  },
  provides: [Cache, Actions, HealthReporter],
  actions: cacheActions,
  metrics: cacheMetrics,
  check,
  examples: [{
    title: "Keep what is asked for often",
    modules: [
      {
        name: "prices",
        type: "cache.modular",
        config: { defaultTTL: "10m", maxItems: 1_000 },
      },
    ],
    pipelines: {
      price: {
        steps: [
          {
            id: "keep",
            use: "module:prices.set",
            with: { key: "tea", value: { cents: 450 } },
          },
          { id: "price", use: "module:prices.get", with: { key: "tea" } },
        ],
      },
    },
    runs: [{
      pipeline: "price",
      output: { found: true, value: { cents: 450 } },
    }],
  }],
  create: (config, host) => new CacheModule(config, host),
});

function check(given: Config): readonly Issue[] {
  const { engine, redisURL, cleanupInterval } = inOneSpelling(config, given);
  const issues: Issue[] = [];
  if (engine === "redis" && redisURL === undefined) {
    issues.push({
      code: "missing-key",
      path: [],
      message: "redisURL is required with engine: redis",
    });
  }
  if (redisURL !== undefined && !/^rediss?:\/\//.test(redisURL)) {
    issues.push({
      code: "invalid-value",
      path: ["redisURL"],
      message: "redisURL must begin with redis:// or rediss://",
    });
  }
  if (msOf(cleanupInterval) <= 0) {
    issues.push({
      code: "invalid-value",
      path: ["cleanupInterval"],
      message: "cleanupInterval must be longer than 0",
    });
  }
  return issues;
}

class CacheModule implements Cache, Actions, HealthReporter, Lifecycle {
  readonly healthName: string;
  readonly act: Actions["act"];
  readonly #host: Host;
  readonly #cache: Cache;
  readonly #memory: MemoryCache | undefined;
  readonly #redis: RedisConnection | undefined;

  constructor(given: Config, host: Host) {
    const settings = inOneSpelling(config, given);
    const ttlMs = msOf(settings.defaultTTL);
    this.#host = host;
    this.healthName = `cache.${host.name}`;
    this.act = actingOn(this).act;
    if (settings.engine === "memory") {
      this.#memory = new MemoryCache(host.effects.clock, {
        itemsMax: settings.maxItems,
        ttlMs,
        cleanupMs: msOf(settings.cleanupInterval),
      });
      this.#cache = this.#memory;
    } else {
      this.#redis = new RedisConnection({
        url: settings.redisURL ?? "",
        password: settings.redisPassword,
        database: settings.redisDB,
      }, host);
      const prefix = settings.keyPrefix ?? `${host.application}:${host.name}:`;
      this.#cache = new RedisCache(this.#redis, prefix, ttlMs);
    }
  }

  async start(): Promise<void> {
    this.#memory?.begin();
    await this.#redis?.begin();
  }

  async stop(): Promise<void> {
    this.#memory?.end();
    await this.#redis?.end();
  }

  async health(): Promise<Health> {
    return await this.#redis?.health() ?? { status: "healthy" };
  }

  async get(key: string): Promise<JsonValue | undefined> {
    const value = await this.#cache.get(key);
    this.#host.meter.recordOwn("cache_lookups_total", {
      cache: this.#host.name,
      result: value === undefined ? "miss" : "hit",
    });
    return value;
  }

  has(key: string): Promise<boolean> {
    return this.#cache.has(key);
  }

  set(key: string, value: JsonValue, options?: CacheOptions): Promise<void> {
    return this.#cache.set(key, value, options);
  }

  delete(key: string): Promise<boolean> {
    return this.#cache.delete(key);
  }

  increment(key: string, by: number, options?: CacheOptions): Promise<number> {
    return this.#cache.increment(key, by, options);
  }

  clear(): Promise<void> {
    return this.#cache.clear();
  }
}

function msOf(time: string | number): number {
  return typeof time === "number" ? time * 1_000 : durationMs(time);
}
