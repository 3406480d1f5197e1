import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { catalog } from "../catalog.gen.ts";
import { jsonSchema } from "../engine/derive/json_schema.ts";
import { schemaParts } from "../engine/derive/map_schema.ts";
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

Deno.test("each type whose keys have twins reads them in one spelling", () => {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const seen: string[] = [];
  for (const { type, config } of catalog.modules.values()) {
    const hasTwins = [...schemaParts(jsonSchema(config))].some(({ schema }) =>
      schema.deprecated === true &&
      schema.description?.endsWith("over which it takes precedence")
    );
    if (!hasTwins) continue;
    const place = dirname(`${folder}${type.replaceAll(".", "/")}.ts`);
    const sources = [...Deno.readDirSync(place)]
      .filter(({ name }) => name.endsWith(".ts") && !name.endsWith("_test.ts"))
      .map(({ name }) => Deno.readTextFileSync(`${place}/${name}`));
    const reads = sources.some((text) => /\binOneSpelling\(/.test(text));
    assert.ok(reads, `${type} ignores its second spellings`);
    seen.push(type);
  }
  assert.ok(seen.includes("cache.modular"));
});
