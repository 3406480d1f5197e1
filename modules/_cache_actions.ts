/**
 * What steps of pipelines can ask a cache to do, and what it counts.
 *
 * @module
 */
import { z } from "zod";
import type { ActionDefinition, JsonValue } from "@engine/define.ts";
import type { MetricDefinition } from "@engine/observe.ts";
import type { Actions } from "@engine/services/actions.ts";
import type { Cache } from "@engine/services/cache.ts";

/** The longest key, in characters. */
export const KEY_CHARACTERS_MAX = 512;

const key = z.string().min(1).max(KEY_CHARACTERS_MAX).describe("The key");

const ttl = z.number().min(0).optional().meta({ unit: "s" }).describe(
  "How long it is kept; 0: until room is needed; absent: defaultTTL",
);

const getInput = z.strictObject({ key });

const setInput = z.strictObject({
  key,
  value: z.unknown().describe("What is kept: any JSON"),
  ttl,
});

const incrementInput = z.strictObject({
  key,
  by: z.int().default(1).meta({ unit: "count" }).describe(
    "How much is added; less than 0 takes away",
  ),
  ttl,
});

/** The actions, by name. */
export const cacheActions = {
  get: {
    summary: "Looks for a value; while Redis is away there is none",
    input: getInput,
    output: z.strictObject({
      found: z.boolean().describe("Whether there is a value"),
      value: z.unknown().describe("The value; null if there is none"),
    }),
  },
  set: {
    summary: "Keeps a value, in place of the one that was there",
    input: setInput,
    output: z.strictObject({ key }),
  },
  delete: {
    summary: "Forgets a value",
    input: getInput,
    output: z.strictObject({
      deleted: z.boolean().describe("Whether there was one"),
    }),
  },
  has: {
    summary:
      "Tells whether there is a value; while Redis is away there is none",
    input: getInput,
    output: z.strictObject({
      found: z.boolean().describe("Whether there is a value"),
    }),
  },
  increment: {
    summary:
      "Adds to a whole number; a step that runs again after a crash adds again",
    input: incrementInput,
    output: z.strictObject({
      value: z.int().describe("The sum").meta({ unit: "count" }),
    }),
  },
  clear: {
    summary: "Forgets every value of this module",
    input: z.strictObject({}),
    output: z.strictObject({}),
  },
} satisfies Readonly<Record<string, ActionDefinition>>;

/** What caches count beside the engine's own metrics. */
export const cacheMetrics = {
  cache_lookups_total: {
    kind: "counter",
    help: "Values that were looked for in caches, and whether they were there",
    labels: ["cache", "result"],
  },
} satisfies Readonly<Record<string, MetricDefinition>>;

/** Does the actions. */
export function actingOn(cache: Cache): Actions {
  const acts: Readonly<Record<string, (input: unknown) => Promise<JsonValue>>> =
    {
      async get(input) {
        const value = await cache.get(getInput.parse(input).key);
        return { found: value !== undefined, value: value ?? null };
      },
      async set(input) {
        const { key, value, ttl } = setInput.parse(input);
        // The input was JSON, and its schema leaves the value as it is.
        await cache.set(key, (value ?? null) as JsonValue, ttlOf(ttl));
        return { key };
      },
      async delete(input) {
        return { deleted: await cache.delete(getInput.parse(input).key) };
      },
      async has(input) {
        return { found: await cache.has(getInput.parse(input).key) };
      },
      async increment(input) {
        const { key, by, ttl } = incrementInput.parse(input);
        return { value: await cache.increment(key, by, ttlOf(ttl)) };
      },
      async clear() {
        await cache.clear();
        return {};
      },
    };
  return {
    async act(action, input) {
      const act = Object.hasOwn(acts, action) ? acts[action] : undefined;
      if (act === undefined) throw new TypeError(`Cannot do "${action}"`);
      return await act(input);
    },
  };
}

function ttlOf(seconds: number | undefined) {
  return seconds === undefined ? {} : { ttlMs: seconds * 1_000 };
}
