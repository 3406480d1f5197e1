/**
 * The cache under the name and with the keys of older examples.
 *
 * @module
 */
import { z } from "zod";
import { defineAlias, secret } from "@engine/define.ts";
import { Actions } from "@engine/services/actions.ts";
import { Cache } from "@engine/services/cache.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { cacheActions, cacheMetrics } from "../_cache_actions.ts";

export default defineAlias({
  type: "data.cache",
  summary: "Keeps values for a while, with the keys of older documents",
  stability: "stable",
  config: z.strictObject({
    backend: z.enum(["memory", "redis"]).default("memory").describe(
      "What keeps the values: the memory of the process, or Redis",
    ),
    maxSize: z.int().min(1).max(10_000_000).default(10_000)
      .meta({ unit: "count" }).describe(
        "How many values the memory holds; one more takes the place of the one " +
          "that was not used for longest",
      ),
    redisURL: secret().optional().describe(
      "Where Redis is, with backend: redis",
    ),
  }),
  provides: [Cache, Actions, HealthReporter],
  of: "cache.modular",
  actions: cacheActions,
  metrics: cacheMetrics,
  examples: [{
    title: "Count visits",
    modules: [{
      name: "visits",
      type: "data.cache",
      config: { backend: "memory", maxSize: 1_000 },
    }],
    pipelines: {
      visit: {
        steps: [{
          id: "count",
          use: "module:visits.increment",
          with: { key: "${{ input.page }}" },
        }],
      },
    },
    runs: [{
      pipeline: "visit",
      input: { page: "/tea" },
      output: { value: 1 },
    }],
  }],
  rewrite: ({ backend, maxSize, redisURL }) => ({
    engine: backend,
    maxItems: maxSize,
    ...(redisURL === undefined ? {} : { redisURL }),
  }),
});
