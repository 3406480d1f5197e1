import assert from "node:assert/strict";
import { z } from "zod";
import { inertPlace, withInertKeys } from "./inert_keys.ts";
import { jsonSchema } from "./json_schema.ts";

const schema = jsonSchema(z.strictObject({
  name: z.string(),
  routes: z.array(z.strictObject({ path: z.string() })),
  groups: z.record(z.string(), z.strictObject({ size: z.int() }).nullable()),
}));

Deno.test("withInertKeys() puts deprecated fields where the patterns lead", () => {
  const { properties } = withInertKeys(schema, {
    old: "nobody reads it",
    "routes[].config": "routes have none",
    "groups.*.colour": "nothing is painted",
    "nowhere.key": "not there",
  });
  const field = (reason: string) => ({
    deprecated: true,
    description: `Has no effect: ${reason}`,
  });
  assert.deepEqual(properties?.old, field("nobody reads it"));
  const routes = properties?.routes?.items?.properties;
  assert.deepEqual(routes?.config, field("routes have none"));
  const groups = properties?.groups?.additionalProperties as typeof schema;
  assert.deepEqual(
    groups.anyOf?.[0]?.properties?.colour,
    field("nothing is painted"),
  );
  assert.deepEqual(Object.keys(properties ?? {}), [
    "name",
    "routes",
    "groups",
    "old",
  ]);
  assert.equal(schema.properties?.old, undefined);
});

Deno.test("inertPlace() tells free places from taken ones and none", () => {
  assert.equal(inertPlace(schema, "old"), "free");
  assert.equal(inertPlace(schema, "routes[].config"), "free");
  assert.equal(inertPlace(schema, "groups.*.colour"), "free");
  assert.equal(inertPlace(schema, "name"), "taken");
  assert.equal(inertPlace(schema, "routes[].path"), "taken");
  assert.equal(inertPlace(schema, "groups.*.size"), "taken");
  assert.equal(inertPlace(schema, "steps[].path"), "nowhere");
  assert.equal(inertPlace(schema, "routes.path.deeper"), "nowhere");
});
