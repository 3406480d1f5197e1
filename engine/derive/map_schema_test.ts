import assert from "node:assert/strict";
import type { JsonSchema } from "./json_schema.ts";
import { mapSchema, schemaParts } from "./map_schema.ts";

const schema: JsonSchema = {
  type: "object",
  properties: {
    secret: { type: "string" },
    list: {
      type: "array",
      items: { anyOf: [{ type: "number" }, { const: 1 }] },
    },
    pair: { type: "array", prefixItems: [{ const: 2 }] },
    map: { type: "object", additionalProperties: { oneOf: [{ const: 3 }] } },
    all: { allOf: [{ const: 4 }] },
  },
  additionalProperties: false,
};

Deno.test("schemaParts() visits every schema with its place", () => {
  assert.deepEqual([...schemaParts(schema)].map(({ path }) => path), [
    "",
    "secret",
    "list",
    "list[]",
    "list[]",
    "list[]",
    "pair",
    "pair[]",
    "map",
    "map.*",
    "map.*",
    "all",
    "all",
  ]);
});

Deno.test("mapSchema() changes every schema, the inner ones first, and no key", () => {
  const seen: unknown[] = [];
  const mapped = mapSchema(schema, (part) => {
    seen.push(part.const ?? part.type);
    return { ...part, title: "seen" };
  });
  assert.deepEqual(
    [...schemaParts(mapped)].filter(({ schema }) => schema.title !== "seen"),
    [],
  );
  assert.deepEqual(Object.keys(mapped.properties ?? {}), [
    "secret",
    "list",
    "pair",
    "map",
    "all",
  ]);
  assert.equal(seen.at(-1), "object");
  assert.equal(schema.title, undefined);
});
