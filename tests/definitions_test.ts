/** Every definition keeps the rules that no type checker can see. */
import assert from "node:assert/strict";
import { definitions } from "../catalog.gen.ts";
import { brokenRules } from "../engine/derive/definition_rules.ts";

for (const definition of definitions) {
  Deno.test(`${definition.kind} ${definition.type} keeps the rules`, () => {
    assert.deepEqual(brokenRules(definition), []);
  });
}
