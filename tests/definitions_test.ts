/** Every definition keeps the rules that no type checker can see. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { definitions } from "../catalog.gen.ts";
import { brokenRules } from "../engine/derive/definition_rules.ts";
import { definitionFiles } from "../tools/generate/definition_files.ts";

Deno.test("the catalog holds every definition file, each where its type says", async () => {
  const files = await definitionFiles(join(import.meta.dirname ?? ".", ".."));
  assert.deepEqual(
    files.map(({ definition }) => `${definition.kind} ${definition.type}`),
    definitions.map(({ kind, type }) => `${kind} ${type}`),
  );
});

for (const definition of definitions) {
  Deno.test(`${definition.kind} ${definition.type} keeps the rules`, () => {
    assert.deepEqual(brokenRules(definition), []);
  });
}
