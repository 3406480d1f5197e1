import assert from "node:assert/strict";
import { catalog } from "../../catalog.gen.ts";
import type { Path } from "../config/problem.ts";
import { load } from "../load.ts";
import { variablesAt } from "./scope_at.ts";

const TEXT = `pipelines:
  order:
    input: { amount: number, note: { type: string, required: false } }
    key: input.amount
    steps:
      - { id: first, use: set, with: { values: { a: "\${{ wrong" } } }
      - id: each
        forEach: "[1]"
        as: one
        steps:
          - { id: inner, use: log, with: { message: hi } }
      - id: last
        use: log
        with: { message: done }
        compensate: { use: log, with: { message: undone } }
        onError: [{ id: sorry, use: log, with: { message: no } }]
    output: { a: 1 }
`;

function namesAt(...path: Path): string[] {
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  const loaded = load(TEXT, { catalog, file: "a.yaml", sources });
  const variables = variablesAt(loaded, catalog, ["pipelines", ...path]) ?? {};
  const { steps } = variables;
  const ids = typeof steps === "object" ? Object.keys(steps.fields) : [];
  return [...Object.keys(variables), ...ids.map((id) => `steps.${id}`)].sort();
}

Deno.test("variablesAt() knows the input and the steps before, also beside errors", () => {
  assert.deepEqual(namesAt("order", "steps", 2, "when"), [
    ...["input", "run", "steps", "steps.each", "steps.first"],
  ]);
  assert.deepEqual(namesAt("order", "steps", 0, "with", "values", "a"), [
    ...["input", "run", "steps"],
  ]);
});

Deno.test("variablesAt() knows the item of a loop, and the error in a handler", () => {
  assert.deepEqual(
    namesAt("order", "steps", 1, "steps", 0, "with", "message"),
    ["index", "input", "one", "run", "steps", "steps.first"],
  );
  const handler = namesAt("order", "steps", 2, "onError", 0, "when");
  assert.ok(handler.includes("error"));
  const undo = namesAt("order", "steps", 2, "compensate", "with", "message");
  assert.ok(undo.includes("error") && undo.includes("steps.last"));
});

Deno.test("variablesAt() knows less at the head of a pipeline than at its end", () => {
  assert.deepEqual(namesAt("order", "key"), ["input", "steps"]);
  assert.deepEqual(namesAt("order", "output", "a"), [
    ...["input", "run", "steps", "steps.each", "steps.first", "steps.last"],
  ]);
});

Deno.test("variablesAt() tells nothing of a pipeline that is not there", () => {
  assert.deepEqual(namesAt("none", "key"), []);
});
