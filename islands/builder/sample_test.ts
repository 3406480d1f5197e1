import assert from "node:assert/strict";
import { exampleOf, sampleOf } from "./sample.ts";

const VARIABLES = {
  input: { fields: { amount: "number", city: "string", note: "any" } },
  steps: { fields: { pay: { fields: { output: "any", status: "string" } } } },
  run: { fields: { id: "string", pipeline: "string", key: "any" } },
} as const;

Deno.test("an example has a value of each type, and the defaults of an input", () => {
  const declared = {
    amount: "number",
    city: { type: "string", default: "Ulm" },
  };
  assert.deepEqual(exampleOf(VARIABLES, declared), {
    input: { amount: 1, city: "Ulm", note: null },
    steps: { pay: { output: null, status: "text" } },
    run: { id: "text", pipeline: "text", key: null },
  });
});

Deno.test("a sample is what a run had, and the example where it says nothing", () => {
  const values = sampleOf({
    ...{ id: "r1", pipeline: "p", acceptedAt: 0, input: { amount: 120 } },
    steps: [
      { path: "each[0]/pick", status: "completed", output: 1 },
      { path: "each[1]/pick", status: "completed", output: 2 },
      { path: "pick~compensate", status: "completed", output: 9 },
    ],
  }, VARIABLES);
  assert.deepEqual(values.input, { amount: 120 });
  assert.deepEqual(values.steps, {
    pay: { output: null, status: "text" },
    pick: { output: 2, status: "completed", error: null },
  });
  assert.equal((values.run as { id: string }).id, "r1");
  assert.ok(!("error" in values));
});
