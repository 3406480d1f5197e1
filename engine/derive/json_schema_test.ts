import assert from "node:assert/strict";
import { z } from "zod";
import { jsonSchema } from "./json_schema.ts";

Deno.test("jsonSchema() is the shape of what may be written", () => {
  const config = z.strictObject({
    size: z.int().min(1).default(5).describe("How large").meta({
      unit: "bytes",
    }),
    name: z.string(),
  });
  assert.deepEqual(jsonSchema(config), {
    type: "object",
    properties: {
      size: {
        type: "integer",
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        default: 5,
        description: "How large",
        unit: "bytes",
      },
      name: { type: "string" },
    },
    // What has a default may be left out.
    required: ["name"],
    additionalProperties: false,
  });
});

Deno.test("jsonSchema() is made once", () => {
  const config = z.strictObject({});
  assert.equal(jsonSchema(config), jsonSchema(config));
});

Deno.test("jsonSchema() takes what JSON cannot say for anything", () => {
  assert.deepEqual(jsonSchema(z.strictObject({ any: z.date() })).properties, {
    any: {},
  });
});
