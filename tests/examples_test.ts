/** Every example of every definition does what its page says. */
import assert from "node:assert/strict";
import { catalog, definitions } from "../catalog.gen.ts";
import { runExample } from "./run_example.ts";

for (const { type, examples } of catalog.modules.values()) {
  for (const example of examples) {
    const exchanges = example.exchanges ?? [];
    const fact = exchanges.length === 0
      ? "boots"
      : `boots and answers ${exchanges.length} requests as promised`;
    Deno.test(`${type}: "${example.title}" ${fact}`, async () => {
      const run = await runExample(example, definitions);
      assert.deepEqual(run.differences, []);
      assert.equal(run.exchanges, exchanges.length);
    });
  }
}
