import assert from "node:assert/strict";
import { completeExpression, type CompleteOver } from "./complete.ts";

const OVER: CompleteOver = {
  variables: {
    input: { fields: { amount: "number", name: "string", items: "list" } },
    steps: {
      fields: {
        pay: { fields: { output: "any", status: "string" } },
        "pay-later": { fields: { output: "any" } },
      },
    },
    run: "map",
  },
  values: { steps: { pay: { output: { receipt: "r-1", lines: [] } } } },
};

function labels(text: string): string[] {
  return completeExpression(text, text.length, OVER).map(({ label }) => label);
}

Deno.test("at its beginning an expression is offered variables and functions", () => {
  const all = labels("");
  assert.deepEqual(all.slice(0, 3), ["input", "steps", "run"]);
  for (const name of ["size", "has", "timestamp", "true"]) {
    assert.ok(all.includes(name), name);
  }
  assert.deepEqual(labels("input.amount > 1 && ste"), ["steps"]);
});

Deno.test("behind a dot the members of a known type are offered", () => {
  assert.deepEqual(labels("input.").slice(0, 3), ["amount", "name", "items"]);
  assert.deepEqual(labels("input.am"), ["amount", "name"]);
  assert.deepEqual(labels("has(steps.pay.st"), ["status"]);
});

Deno.test("what a type is not known of is offered as the sample has it", () => {
  assert.deepEqual(labels("steps.pay.output.").slice(0, 2), [
    ...["receipt", "lines"],
  ]);
});

Deno.test("methods fit the type before the dot", () => {
  const text = labels("input.name.");
  assert.ok(text.includes("startsWith") && !text.includes("filter"));
  assert.ok(!text.includes("matches"), "a refused method is not offered");
  const list = labels("input.items.");
  assert.ok(list.includes("filter") && !list.includes("startsWith"));
  assert.ok(labels("input.items.filter(x, x > 1).").includes("size"));
  assert.ok(labels("'a b'.").includes("split"));
});

Deno.test("a step whose name is no word is put in brackets", () => {
  const text = "steps.pay-";
  const [first] = completeExpression("steps.pay", 9, OVER)
    .filter(({ label }) => label === "pay-later");
  assert.deepEqual([first?.text, first?.from], ["['pay-later']", 5]);
  assert.deepEqual(completeExpression(text, 5, OVER).length > 0, true);
});

Deno.test("nothing is offered within a text, behind a number, or of what is wrong", () => {
  assert.deepEqual(labels("input.name == 'a"), []);
  assert.deepEqual(labels("1"), []);
  assert.deepEqual(labels("nothing.of."), []);
});
