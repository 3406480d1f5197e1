import assert from "node:assert/strict";
import { z } from "zod";
import { jsonSchema } from "../derive/json_schema.ts";
import { secret } from "../meta.ts";
import { secretTexts, withoutSecrets } from "./secret_fields.ts";

const schema = jsonSchema(z.strictObject({
  name: z.string(),
  key: secret().optional(),
  users: z.array(z.strictObject({ id: z.string(), password: secret() })),
  tokens: z.record(z.string(), secret()),
  login: z.union([z.string(), z.strictObject({ pin: secret() })]).optional(),
}));

const config = {
  name: "open",
  key: "k",
  users: [{ id: "a", password: "p" }, { id: "b", password: "q" }],
  tokens: { x: "t" },
  login: { pin: "1234" },
};

Deno.test("withoutSecrets() masks secret fields wherever they stand, and no other", () => {
  assert.deepEqual(withoutSecrets(schema, config), {
    name: "open",
    key: "***",
    users: [{ id: "a", password: "***" }, { id: "b", password: "***" }],
    tokens: { x: "***" },
    login: { pin: "***" },
  });
  assert.equal(config.key, "k");
});

Deno.test("withoutSecrets() keeps what the schema does not know, and what is absent", () => {
  const odd = {
    name: null,
    more: { key: "shown" },
    users: "none",
    tokens: [1],
  };
  assert.deepEqual(withoutSecrets(schema, odd), odd);
});

Deno.test("secretTexts() lists the texts of secret fields", () => {
  assert.deepEqual(secretTexts(schema, config), ["k", "p", "q", "t", "1234"]);
  assert.deepEqual(secretTexts(schema, { key: 5 }), []);
});
