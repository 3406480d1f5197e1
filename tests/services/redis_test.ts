import assert from "node:assert/strict";
import cache from "../../modules/cache/modular.ts";
import dataCache from "../../modules/data/cache.ts";
import { type Effects, systemEffects } from "../../engine/effects.ts";
import { RefusedError, RetryableError } from "../../engine/errors.ts";
import { Cache } from "../../engine/services/cache.ts";
import { HealthReporter } from "../../engine/services/health_reporter.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { startApplication } from "../../engine/testing.ts";
import { eventually } from "./eventually.ts";
import { type RedisServer, serverOfFile } from "./redis_server.ts";
import { freePort, serverTest } from "./server.ts";

const server = await serverOfFile();

/** An application with one cache; `id` is in its keys. */
async function start(
  { url, password }: Pick<RedisServer, "url" | "password">,
  id: string,
  effects: Effects = systemEffects(),
  more: Record<string, unknown> = {},
) {
  const app = await startApplication({
    document: {
      modules: [{
        name: "c",
        type: "cache.modular",
        config: {
          engine: "redis",
          redisURL: url,
          redisPassword: password,
          ...more,
        },
      }],
    },
    definitions: [cache],
    id,
    effects,
  });
  const reporter = app.service(HealthReporter);
  return {
    cache: app.service(Cache),
    health: () => reporter.health(),
    text: () => JSON.stringify(app.logs),
    dispose: () => app.stop(),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

type App = Awaited<ReturnType<typeof start>>;

const healthy = (app: App) =>
  eventually(app.health, ({ status }) => status === "healthy");

const degraded = (app: App) =>
  eventually(app.health, ({ status }) => status === "degraded");

serverTest(
  "cache.modular keeps values in Redis, which processes share",
  server,
  async (redis) => {
    await using one = await start(redis, "shared");
    await using two = await start(redis, "shared");
    assert.deepEqual(await one.health(), { status: "healthy" });
    const value = { cents: 450, tags: ["ü", null] };
    await one.cache.set("tea", value);
    assert.deepEqual(await two.cache.get("tea"), value);
    assert.equal(await two.cache.has("tea"), true);
    assert.equal(
      await redis.command("GET", "shared:c:tea").then((text) =>
        text.split("\n")[1]
      ),
      JSON.stringify(value),
    );
    assert.equal(await two.cache.delete("tea"), true);
    assert.equal(await one.cache.get("tea"), undefined);
    assert.equal(await one.cache.delete("tea"), false);
    const sums = await Promise.all(
      Array.from(
        { length: 200 },
        (_, i) => (i % 2 === 0 ? one : two).cache.increment("n", 1),
      ),
    );
    assert.equal(new Set(sums).size, 200);
    assert.equal(await one.cache.get("n"), 200);
    await one.cache.set("text", "x");
    await assert.rejects(
      one.cache.increment("text", 1),
      (error) =>
        error instanceof RefusedError && error.code === "invalid-input",
    );
    await redis.command("SET", "shared:c:foreign", "not-json");
    assert.equal(await one.cache.get("foreign"), undefined);
  },
);

serverTest(
  "cache.modular lets Redis forget values when their time is over",
  server,
  async (redis) => {
    await using app = await start(redis, "times", systemEffects(), {
      defaultTTL: "30s",
    });
    await app.cache.set("default", 1);
    await app.cache.set("kept", 1, { ttlMs: 0 });
    await app.cache.set("short", 1, { ttlMs: 50 });
    await app.cache.increment("n", 1, { ttlMs: 60_000 });
    await app.cache.increment("n", 1, { ttlMs: 600_000 });
    const ttl = async (key: string) =>
      Number((await redis.command("PTTL", `times:c:${key}`)).slice(1));
    const of = await ttl("default");
    assert.ok(of > 20_000 && of <= 30_000, String(of));
    assert.equal(await ttl("kept"), -1);
    const counted = await ttl("n");
    assert.ok(counted > 50_000 && counted <= 60_000, String(counted));
    await eventually(() => app.cache.has("short"), (found) => !found);
  },
);

serverTest(
  "cache.modular clears its own values and no others",
  server,
  async (redis) => {
    await using one = await start(redis, "a*");
    await using two = await start(redis, "ab");
    await Promise.all(
      Array.from({ length: 1_500 }, (_, i) => one.cache.set(`k${i}`, i)),
    );
    await two.cache.set("k", 1);
    await one.cache.clear();
    assert.equal(await one.cache.get("k7"), undefined);
    assert.equal(await one.cache.get("k1499"), undefined);
    assert.equal(await two.cache.get("k"), 1);
  },
);

serverTest(
  "cache.modular uses the database and the password that its config names",
  server,
  async (redis) => {
    const url = redis.url.replace("://", `://:${redis.password}@`);
    await using app = await startApplication({
      document: {
        modules: [{ name: "c", type: "cache.modular" }],
        cache: { engine: "redis", redis_url: url, redis_db: 3, keyPrefix: "" },
      },
      definitions: [cache],
      effects: systemEffects(),
    });
    await app.service(Cache).set("in-three", 1);
    assert.equal(await redis.command("EXISTS", "in-three"), ":0");
    await app.service(Cache).clear();
    assert.equal(await app.service(Cache).has("in-three"), false);
  },
);

serverTest(
  "cache.modular keeps the values of each redisDB apart",
  server,
  async (redis) => {
    const keyPrefix = "apart:";
    const effects = systemEffects();
    await using one = await start(redis, "apart", effects, {
      ...{ keyPrefix, redisDB: 1 },
    });
    await using two = await start(redis, "apart", effects, {
      ...{ keyPrefix, redisDB: 2 },
    });
    await one.cache.set("k", 1);
    assert.equal(await two.cache.has("k"), false);
    await using again = await start(redis, "apart", effects, {
      ...{ keyPrefix, redisDB: 1 },
    });
    assert.equal(await again.cache.get("k"), 1);
  },
);

serverTest(
  "data.cache keeps values in the Redis of its redisURL",
  server,
  async (redis) => {
    const redisURL = redis.url.replace("://", `://:${redis.password}@`);
    const modules = [{
      name: "old",
      type: "data.cache",
      config: { backend: "redis", redisURL },
    }];
    await using app = await startApplication({
      ...{ document: { modules }, definitions: [cache, dataCache] },
      ...{ effects: systemEffects(), id: "older" },
    });
    await app.service(Cache).set("tea", 450);
    const answer = await redis.command("GET", "older:old:tea");
    assert.equal(answer.split("\n")[1]?.trim(), "450");
  },
);

serverTest(
  "an application starts without Redis, says that it is degraded, and finds it later",
  server,
  async (redis) => {
    await redis.kill();
    await using app = await start(redis, "late");
    const { status, message } = await app.health();
    assert.equal(status, "degraded");
    assert.match(message ?? "", /^Redis cannot be reached: .*ECONNREFUSED/);
    assert.equal(await app.cache.get("k"), undefined);
    assert.equal(await app.cache.has("k"), false);
    const changes = [
      () => app.cache.set("k", 1),
      () => app.cache.delete("k"),
      () => app.cache.increment("k", 1),
      () => app.cache.clear(),
    ];
    for (const change of changes) {
      await assert.rejects(
        change(),
        (error) =>
          error instanceof RetryableError &&
          /^Cannot .*: Redis cannot be reached: /.test(error.message),
      );
    }
    await redis.start();
    await healthy(app);
    await app.cache.set("k", 1);
    assert.equal(await app.cache.get("k"), 1);
  },
);

serverTest(
  "cache.modular survives that Redis is killed under load, and loses no count that it had acknowledged",
  server,
  async (redis) => {
    await using app = await start(redis, "killed");
    const counters = ["a", "b", "c", "d"];
    for (let round = 0; round < 3; round++) {
      let acknowledged = 0;
      let refused = 0;
      const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
      let isOver = false;
      const load = counters.map(async (key) => {
        while (!isOver) {
          try {
            await app.cache.increment(`${round}.${key}`, 1);
            acknowledged++;
            if (acknowledged > 400) stop();
          } catch (error) {
            assert.ok(error instanceof RetryableError, String(error));
            assert.ok(!error.message.includes(redis.password));
            refused++;
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          const value = await app.cache.get(`${round}.${key}`);
          assert.ok(value === undefined || typeof value === "number");
        }
      });
      await stopped;
      await redis.kill();
      await degraded(app);
      assert.equal(await app.cache.get(`${round}.a`), undefined);
      await redis.start();
      await healthy(app);
      isOver = true;
      await Promise.all(load);
      assert.ok(refused > 0);
      const kept = await Promise.all(
        counters.map((key) => app.cache.get(`${round}.${key}`)),
      );
      const sum = kept.reduce<number>((total, one) => total + Number(one), 0);
      // What was under way when it was killed may have been counted as well.
      assert.ok(sum >= acknowledged, `${sum} < ${acknowledged}`);
      assert.ok(sum <= acknowledged + refused);
    }
  },
);

serverTest(
  "cache.modular does not wait for a Redis that stands still",
  server,
  async (redis) => {
    const effects = simulatedEffects();
    await using app = await start(redis, "still", effects);
    await app.cache.set("k", 1);
    await redis.signal("SIGSTOP");
    try {
      const failed = assert.rejects(
        app.cache.set("k", 2),
        /Cannot keep "k": Redis cannot be reached: No answer came within 5000 ms/,
      );
      const read = app.cache.get("k");
      await effects.advance(5_000);
      await failed;
      assert.equal(await read, undefined);
    } finally {
      await redis.signal("SIGCONT");
    }
    await healthy(app);
    await eventually(() => app.cache.get("k"), (value) => value === 2);
  },
);

serverTest(
  "cache.modular says that a password is refused, and never which",
  server,
  async (redis) => {
    const password = "a-wrong-password";
    await using app = await start({ url: redis.url, password }, "refused");
    const { status, message } = await app.health();
    assert.deepEqual([status, message], [
      "degraded",
      "Redis cannot be reached: the password is refused",
    ]);
    await assert.rejects(
      app.cache.set("k", 1),
      (error: Error) => /the password is refused/.test(error.message),
    );
    await using without = await startApplication({
      document: {
        modules: [{
          name: "c",
          type: "cache.modular",
          config: {
            engine: "redis",
            redisURL: redis.url.replace("://", `://:${password}@`),
          },
        }],
      },
      definitions: [cache],
      effects: systemEffects(),
    });
    const second = await without.service(HealthReporter).health();
    assert.match(second.message ?? "", /the password is refused/);
    for (
      const text of [
        app.text(),
        JSON.stringify(without.logs),
        JSON.stringify(second),
      ]
    ) {
      assert.ok(!text.includes(password), text);
    }
  },
);

serverTest(
  "cache.modular takes something that is no Redis for one that cannot be reached",
  server,
  async (redis) => {
    const port = freePort();
    using listener = Deno.listen({ hostname: "127.0.0.1", port });
    const answering = (async () => {
      for await (const connection of listener) {
        await connection.write(
          new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"),
        );
        connection.close();
      }
    })();
    const url = `redis://127.0.0.1:${port}`;
    await using app = await start({ url, password: redis.password }, "other");
    const { status, message } = await app.health();
    assert.equal(status, "degraded");
    assert.match(message ?? "", /^Redis cannot be reached: ./);
    assert.equal(await app.cache.get("k"), undefined);
    await app.dispose();
    listener.close();
    await answering;
  },
);
