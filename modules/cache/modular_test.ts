import assert from "node:assert/strict";
import { ConfigError, RefusedError } from "@engine/errors.ts";
import { Cache } from "@engine/services/cache.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { startApplication } from "@engine/testing.ts";
import dataCache from "../data/cache.ts";
import cache from "./modular.ts";

async function start(
  config: Record<string, unknown> = {},
  type = "cache.modular",
) {
  const app = await startApplication({
    document: { modules: [{ name: "c", type, config }] },
    definitions: [cache, dataCache],
    strict: true,
  });
  return {
    ...app,
    cache: app.service(Cache),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

Deno.test("cache.modular keeps JSON and gives a copy of it", async () => {
  await using app = await start();
  const value = { list: [1, null, "x"] };
  await app.cache.set("k", value);
  value.list.push("later");
  assert.deepEqual(await app.cache.get("k"), { list: [1, null, "x"] });
  assert.equal(await app.cache.get("other"), undefined);
  assert.equal(await app.cache.has("k"), true);
  assert.equal(await app.cache.delete("k"), true);
  assert.equal(await app.cache.delete("k"), false);
  assert.equal(await app.cache.has("k"), false);
  await app.cache.set("nothing", null);
  assert.equal(await app.cache.get("nothing"), null);
  await app.cache.clear();
  assert.equal(await app.cache.has("nothing"), false);
  assert.deepEqual(await app.service(HealthReporter).health(), {
    status: "healthy",
  });
});

Deno.test("cache.modular never holds more than maxItems: what was not used for longest goes", async () => {
  await using app = await start({ maxItems: 2 });
  await app.cache.set("a", 1);
  await app.cache.set("b", 2);
  await app.cache.get("a");
  await app.cache.set("c", 3);
  assert.deepEqual(
    [
      await app.cache.get("a"),
      await app.cache.get("b"),
      await app.cache.get("c"),
    ],
    [1, undefined, 3],
  );
  await app.cache.set("c", 4);
  assert.equal(await app.cache.get("a"), 1);
});

Deno.test("cache.modular forgets values when their time is over", async () => {
  await using app = await start({ defaultTTL: "2s", cleanupInterval: 60 });
  await app.cache.set("short", 1);
  await app.cache.set("long", 1, { ttlMs: 10_000 });
  await app.cache.set("kept", 1, { ttlMs: 0 });
  await app.effects.advance(1_999);
  assert.equal(await app.cache.get("short"), 1);
  await app.effects.advance(1);
  assert.equal(await app.cache.get("short"), undefined);
  assert.equal(await app.cache.get("long"), 1);
  await app.effects.advance(3_600_000);
  assert.equal(await app.cache.get("long"), undefined);
  assert.equal(await app.cache.get("kept"), 1);
});

Deno.test("cache.modular counts up, and keeps the time of the first count", async () => {
  await using app = await start({ defaultTTL: 5 });
  assert.equal(await app.cache.increment("n", 2), 2);
  await app.effects.advance(4_000);
  assert.equal(await app.cache.increment("n", -5), -3);
  await app.effects.advance(1_000);
  assert.equal(await app.cache.increment("n", 1), 1);
  await app.cache.set("text", "1");
  for (const [key, by] of [["text", 1], ["n", 0.5], ["n", 2 ** 53]] as const) {
    await assert.rejects(
      app.cache.increment(key, by),
      (error) =>
        error instanceof RefusedError && error.code === "invalid-input",
    );
  }
});

Deno.test("cache.modular takes its keys from the section of the document, in both spellings", async () => {
  await using app = await startApplication({
    document: {
      modules: [{ name: "c", type: "cache.modular" }],
      cache: { max_items: 1, default_ttl: 1 },
    },
    definitions: [cache],
  });
  const values = app.service(Cache);
  await values.set("a", 1);
  await values.set("b", 1);
  assert.equal(await values.get("a"), undefined);
  await app.effects.advance(1_000);
  assert.equal(await values.get("b"), undefined);
});

Deno.test("data.cache is a cache with the keys of older documents", async () => {
  await using app = await start(
    { backend: "memory", maxSize: 1 },
    "data.cache",
  );
  await app.cache.set("a", 1);
  await app.cache.set("b", 1);
  assert.equal(await app.cache.get("a"), undefined);
});

Deno.test("cache.modular refuses what cannot work", async () => {
  for (
    const [config, expected] of [
      [{ engine: "redis" }, /redisURL is required/],
      [{ engine: "redis", redisURL: "http://x" }, /redis:\/\/ or rediss/],
      [{ cleanupInterval: 0 }, /cleanupInterval must be longer/],
      [{ maxItems: 0 }, /maxItems/],
    ] as const
  ) {
    await assert.rejects(
      start(config),
      (error) => error instanceof ConfigError && expected.test(error.message),
    );
  }
});

Deno.test("steps of a pipeline use a cache", async () => {
  await using app = await startApplication({
    document: {
      modules: [{ name: "c", type: "cache.modular" }],
      pipelines: {
        p: {
          steps: [
            { id: "none", use: "module:c.get", with: { key: "k" } },
            {
              id: "count",
              use: "module:c.increment",
              with: { key: "k", by: 2, ttl: 60 },
            },
            { id: "there", use: "module:c.has", with: { key: "k" } },
            { id: "gone", use: "module:c.delete", with: { key: "k" } },
            { id: "all", use: "module:c.clear" },
          ],
          output: {
            none: "${{ steps.none.output.found }}",
            sum: "${{ steps.count.output.value }}",
            there: "${{ steps.there.output.found }}",
            gone: "${{ steps.gone.output.deleted }}",
          },
        },
      },
    },
    definitions: [cache],
  });
  const run = app.dispatch("p", "run", {}, { waitMs: 1_000 });
  await app.effects.advance(10);
  const { output } = await run;
  assert.deepEqual(output, { none: false, sum: 2, there: true, gone: true });
});
