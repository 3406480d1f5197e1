/** Every example of every definition does what its page says. */
import assert from "node:assert/strict";
import { catalog, definitions } from "../catalog.gen.ts";
import type { AnyDefinition } from "../engine/define.ts";
import { runExample } from "./run_example.ts";

const types: readonly AnyDefinition[] = [
  ...catalog.modules.values(),
  ...catalog.workflows.values(),
  ...catalog.triggers.values(),
  ...catalog.steps.values(),
];
for (const definition of types) {
  const { kind, type, examples = [] } = definition;
  const isInert = "stability" in definition &&
    definition.stability === "inert";
  for (const example of examples) {
    const exchanges = example.exchanges ?? [];
    const runs = example.runs ?? [];
    const fact = [
      "boots",
      ...exchanges.length === 0
        ? []
        : [`answers ${exchanges.length} requests as promised`],
      ...runs.length === 0 ? [] : [`makes ${runs.length} runs as promised`],
    ].join(" and ");
    Deno.test(`${kind} ${type}: "${example.title}" ${fact}`, async () => {
      const run = await runExample(example, definitions, { isInert });
      assert.deepEqual(run.differences, []);
      assert.equal(run.exchanges, exchanges.length);
    });
  }
}
