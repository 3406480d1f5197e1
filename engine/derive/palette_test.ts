import assert from "node:assert/strict";
import { z } from "zod";
import { createCatalog } from "../catalog.ts";
import { defineModule } from "../define.ts";
import { toyCatalog } from "../../tests/toy_catalog.ts";
import { formFields } from "./form.ts";
import { palette } from "./palette.ts";

Deno.test("palette() has an entry for each module type, in order of type", () => {
  assert.deepEqual(palette(toyCatalog).map(({ type }) => type), [
    "toy.lamp",
    "toy.mirror",
    "toy.panel",
    "toy.switch",
  ]);
});

Deno.test("palette() says what a builder shows of a type", () => {
  const entry = palette(toyCatalog).find(({ type }) => type === "toy.switch");
  const definition = toyCatalog.modules.get("toy.switch");
  assert.ok(definition);
  assert.deepEqual(entry, {
    type: "toy.switch",
    label: "Toy switch",
    category: "toy",
    summary: "Turns a lamp on",
    stability: "stable",
    provides: ["toy.switch"],
    configFields: formFields(definition),
  });
  assert.deepEqual(JSON.parse(JSON.stringify(entry)), entry);
});

Deno.test("palette() takes the title of a config for the label of its type", () => {
  const titled = defineModule({
    type: "http.middleware.ratelimit",
    summary: "Limits",
    stability: "stable",
    config: z.strictObject({}).meta({ title: "Rate limiter" }),
    provides: [],
    examples: [],
    create: () => ({}),
  });
  const [entry] = palette(createCatalog([titled]));
  assert.equal(entry?.label, "Rate limiter");
  assert.equal(entry?.category, "http");
});
