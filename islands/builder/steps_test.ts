import assert from "node:assert/strict";
import { stepsOf } from "./steps.ts";

const PATH = ["pipelines", "p"];

/** `from>to`, with the label, by the names of steps. */
function edgesOf(steps: readonly unknown[]): readonly string[] {
  const diagram = stepsOf({ steps }, PATH);
  const names = new Map(diagram.steps.map(({ id, name }) => [id, name]));
  return diagram.edges.map(({ source, target, label }) =>
    `${names.get(source)}>${names.get(target)}${label && ` ${label}`}`
  );
}

Deno.test("stepsOf() draws steps one after the other", () => {
  assert.deepEqual(edgesOf([{ id: "a" }, { id: "b" }, { id: "c" }]), [
    "a>b",
    "b>c",
  ]);
});

Deno.test("stepsOf() draws branches that part and come together, also empty ones", () => {
  assert.deepEqual(
    edgesOf([
      { id: "a", parallel: { left: [{ id: "l" }], right: [] } },
      { id: "b" },
    ]),
    ["a>l left", "l>b", "a>b right"],
  );
  assert.deepEqual(
    edgesOf([
      {
        id: "a",
        switch: [{ when: "x", steps: [{ id: "yes" }] }, {
          steps: [{ id: "no" }],
        }],
      },
      { id: "b" },
    ]),
    ["a>yes x", "a>no otherwise", "yes>b", "no>b"],
  );
  assert.deepEqual(
    edgesOf([{ id: "a", forEach: "xs", steps: [{ id: "each" }] }, { id: "b" }]),
    ["a>each each", "each>b"],
  );
});

Deno.test("stepsOf() says what a step does and where it stands, whatever is written", () => {
  const { steps } = stepsOf({
    steps: [
      { id: "pay", use: "component:pay", compensate: {}, retry: {} },
      { id: "wait", wait: { signal: "paid" } },
      { use: 3 },
      null,
    ],
  }, PATH);
  assert.deepEqual(steps.map(({ id, name, what }) => [id, name, what]), [
    ["pipelines.p.steps[0]", "pay", "component:pay"],
    ["pipelines.p.steps[1]", "wait", "wait · signal"],
    ["pipelines.p.steps[2]", "2", ""],
    ["pipelines.p.steps[3]", "3", ""],
  ]);
  assert.deepEqual(steps[0]?.notes, ["undoes", "retries"]);
  assert.deepEqual(stepsOf({ steps: "none" }, PATH).steps, []);
  assert.deepEqual(stepsOf(undefined, PATH).steps, []);
});
