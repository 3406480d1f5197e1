import assert from "node:assert/strict";
import { loadToy } from "../../tests/toy_catalog.ts";
import { describePlan } from "./describe_plan.ts";

Deno.test("describePlan() is JSON that shows everything but secrets", () => {
  const { plan } = loadToy(
    'modules: [{ name: a, type: toy.lamp, config: { key: "sesame" } }]\n' +
      "workflows: { wall: {} }\n",
  );
  assert.ok(plan);
  const described = describePlan(plan);
  assert.deepEqual(JSON.parse(JSON.stringify(described)), described);
  assert.deepEqual(described.modules[0], {
    name: "a",
    type: "toy.lamp",
    config: {
      colour: "red",
      watts: 60,
      dimmable: false,
      key: "***",
      bulbs: [],
      moods: {},
    },
    fingerprint: plan.modules[0]?.fingerprint,
  });
  assert.deepEqual(described.sections, ["workflows.wall"]);
  assert.doesNotMatch(JSON.stringify(described), /sesame/);
  const hidden = describePlan(plan, new Set(["yellow", "red"]));
  assert.equal(hidden.modules[0]?.name, "a");
  assert.match(JSON.stringify(hidden), /"colour":"red"/, "too short to hide");
  const longer = describePlan(plan, new Set(["toy.lamp"]));
  assert.equal(longer.modules[0]?.type, "toy.lamp", "a type is no value");
});
