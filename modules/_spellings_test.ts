import assert from "node:assert/strict";
import { z } from "zod";
import { inBothSpellings, inOneSpelling } from "./_spellings.ts";

const schema = inBothSpellings({
  maxItems: z.int().default(10).meta({ unit: "count" }).describe("How many"),
  redisURL: z.string().optional().describe("Where"),
  name: z.string().describe("What"),
});

Deno.test("inBothSpellings() accepts each name of several words in snake_case", () => {
  const read = (config: unknown) => inOneSpelling(schema, schema.parse(config));
  assert.deepEqual(read({ name: "a" }), { name: "a", maxItems: 10 });
  assert.deepEqual(
    read({ name: "a", max_items: 3, redis_url: "r" }),
    { name: "a", maxItems: 3, redisURL: "r" },
  );
  assert.deepEqual(read({ name: "a", max_items: 3, maxItems: 4 }), {
    name: "a",
    maxItems: 3,
  });
});

Deno.test("inBothSpellings() stays strict", () => {
  assert.equal(schema.safeParse({ name: "a", Max_Items: 3 }).success, false);
  assert.equal(schema.safeParse({ name: "a", max_items: "x" }).success, false);
});

Deno.test("inBothSpellings() refuses a required field of several words", () => {
  assert.throws(
    () => inBothSpellings({ clientID: z.string() }),
    /Cannot spell "clientID" in two ways/,
  );
});
