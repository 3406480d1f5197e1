import assert from "node:assert/strict";
import { expressionPlace } from "./expression_place.ts";

const at = (...path: (string | number)[]) => ["pipelines", "p", ...path];

Deno.test("a condition is an expression without braces, in the scope of its step", () => {
  const place = expressionPlace({ type: "expression" }, at("steps", 2, "when"));
  assert.equal(place?.isBare, true);
  assert.equal(place?.scope, "pipelines.p.steps[2]");
  const branch = at("steps", 2, "switch", 1, "when");
  assert.equal(
    expressionPlace({ type: "expression" }, branch)?.scope,
    "pipelines.p.steps[2]",
  );
});

Deno.test("what a step is given may hold expressions", () => {
  const place = expressionPlace(
    { type: "json" },
    at("steps", 0, "steps", 1, "with", "values"),
  );
  assert.deepEqual([place?.isBare, place?.scope], [
    ...[false, "pipelines.p.steps[0].steps[1]"],
  ]);
  const undo = at("steps", 0, "compensate", "with", "body");
  assert.equal(
    expressionPlace({ type: "string" }, undo)?.scope,
    "pipelines.p.steps[0].compensate",
  );
  assert.equal(
    expressionPlace({ type: "json" }, at("output"))?.scope,
    "pipelines.p.output",
  );
});

Deno.test("a field that says what it is over need not be asked for", () => {
  const variables = { data: "map" } as const;
  const path = ["workflows", "statemachine", "definitions", 0, "condition"];
  const place = expressionPlace({ type: "expression", variables }, path);
  assert.equal(place?.variables, variables);
});

Deno.test("a description, and a text of a module, hold no expression", () => {
  assert.equal(
    expressionPlace({ type: "string" }, at("steps", 0, "description")),
    undefined,
  );
  const path = ["modules", 0, "config", "address"];
  assert.equal(expressionPlace({ type: "string" }, path), undefined);
});
