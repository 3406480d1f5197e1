import assert from "node:assert/strict";
import { z } from "zod";
import { createCatalog } from "./catalog.ts";
import { defineAlias, defineModule, type Host } from "./define.ts";
import { defineService } from "./service.ts";

const Lamp = defineService<{ watts(): number }>("lamp", "gives light");

const real = defineModule({
  type: "lamp",
  summary: "Gives light",
  stability: "stable",
  config: z.strictObject({
    watts: z.int().min(1).describe("How bright"),
    colour: z.string().default("white").describe("Which light"),
  }),
  provides: [Lamp],
  check: ({ watts }) =>
    watts > 100
      ? [{ code: "invalid-value", path: ["watts"], message: "too hot" }]
      : [],
  examples: [],
  create: ({ watts }) => ({ watts: () => watts }),
});

const alias = defineAlias({
  type: "lantern",
  summary: "Gives light, as of old",
  stability: "stable",
  config: z.strictObject({
    candles: z.int().describe("How bright"),
  }),
  provides: [Lamp],
  examples: [],
  of: "lamp",
  rewrite: ({ candles }) => ({ watts: candles * 10 }),
});

// The types above look at nothing of it.
const HOST = {} as Host;

function lantern(definitions = [real, alias]) {
  const definition = createCatalog(definitions).modules.get("lantern");
  assert.ok(definition);
  return definition;
}

Deno.test("createCatalog() joins an alias with the type that it means", () => {
  const made = lantern().create({ candles: 3 }, HOST);
  assert.equal((made as unknown as { watts(): number }).watts(), 30);
});

Deno.test("createCatalog() checks the config of an alias as the real type does", () => {
  const { check } = lantern();
  assert.deepEqual(check?.({ candles: 3 }), []);
  assert.deepEqual(
    check?.({ candles: 11 }).map(({ path, message }) => [
      path,
      message,
    ]),
    [[[], "too hot"]],
    "at the whole config: the alias has no such key",
  );
  assert.equal(check?.({ candles: 0 })[0]?.code, "invalid-value");
});

Deno.test("createCatalog() keeps an alias without its type, which cannot be made", () => {
  assert.throws(() => lantern([alias]).create({ candles: 1 }, HOST), {
    message:
      "Cannot make lantern: the catalog has no lamp, of which it is made",
  });
  assert.throws(() => alias.create({ candles: 1 }, HOST), {
    message: "Cannot make lantern: it is not joined with lamp",
  });
});

Deno.test("createCatalog() refuses two definitions of one type", () => {
  assert.throws(() => createCatalog([real, real]), RangeError);
});
