import assert from "node:assert/strict";
import { documentOf, type Workflows, workOf } from "./resolve.ts";

const documents = (names: Readonly<Record<string, Workflows>>) =>
  new Map(Object.entries(names));

const NONE: Workflows = new Map();
const workflows = (name: string, ...actions: string[]): Workflows =>
  new Map([["statemachine", undefined], [name, new Set(actions)]]);

Deno.test("documentOf() takes an id as it is, whatever else fits", () => {
  const all = documents({ orders: NONE, "01-orders": NONE });
  assert.equal(documentOf("orders", all), "orders");
  assert.equal(documentOf("01-orders", all), "01-orders");
});

Deno.test("documentOf() looks past what stands before a name", () => {
  for (
    const id of ["01-orders", "a_orders", "workflow-b-orders", "3-x-orders"]
  ) {
    assert.equal(documentOf("orders", documents({ [id]: NONE })), id);
  }
  const all = documents({ "workflow-a-orders": NONE });
  assert.equal(documentOf("b-orders", all), "workflow-a-orders");
  assert.equal(documentOf("my-orders", all), undefined);
  assert.equal(documentOf("order", all), undefined);
});

Deno.test("documentOf() takes the only document that declares the workflow", () => {
  const a = workflows("order-lifecycle", "pay");
  assert.equal(documentOf("order-lifecycle", documents({ a, b: NONE })), "a");
  assert.equal(
    documentOf("order-lifecycle", documents({ a, b: a })),
    undefined,
    "of two none is meant",
  );
  assert.equal(
    documentOf("statemachine", documents({ a })),
    undefined,
    "a type of workflow is no name",
  );
});

Deno.test("documentOf() takes the only document with the action, for a target", () => {
  const all = documents({ a: workflows("order", "pay"), b: NONE });
  assert.equal(documentOf("somewhere", all, "pay"), "a");
  assert.equal(documentOf("somewhere", all, "send"), undefined);
  assert.equal(documentOf("somewhere", all), undefined);
});

Deno.test("documentOf() means nobody where two fit", () => {
  const all = documents({ "1-orders": NONE, "2-orders": NONE });
  assert.equal(documentOf("orders", all), undefined);
});

Deno.test("workOf() finds the workflow of an action, or takes the one that is named", () => {
  const all = new Map([
    ...workflows("a", "go"),
    ...workflows("b", "go", "x:y"),
  ]);
  assert.deepEqual(workOf("go", all), { workflow: "a", action: "go" });
  assert.deepEqual(workOf("b:go", all), { workflow: "b", action: "go" });
  assert.deepEqual(workOf("x:y", all), { workflow: "b", action: "x:y" });
  assert.deepEqual(workOf("statemachine:go", all), {
    workflow: "statemachine",
    action: "go",
  });
  assert.equal(workOf("stop", all), undefined);
  assert.deepEqual(workOf("sync", new Map([["sync", new Set()]])), {
    workflow: "sync",
    action: "start",
  }, "a pipeline");
});
