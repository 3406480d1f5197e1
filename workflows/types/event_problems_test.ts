import assert from "node:assert/strict";
import { createCatalog } from "@engine/catalog.ts";
import { load } from "@engine/load.ts";
import { ENTRIES_MAX } from "./event.ts";
import {
  definitionsWith,
  type Entry,
  FAILURES,
  faults,
  problems,
} from "./_event_fixture_test.ts";

Deno.test("event reports a handler of an undeclared pattern, with the nearest name", () => {
  const section = { handlers: [{ patternId: "failure", handler: "alarm" }] };
  const [problem, ...more] = problems(section);
  assert.deepEqual(more, []);
  assert.equal(problem?.code, "unresolved-reference");
  assert.equal(problem.severity, "error");
  assert.equal(problem.message, 'No pattern is called "failure"');
  assert.equal(problem.found, "failure");
  assert.equal(problem.nearest, "failures");
});

Deno.test("event reports two patterns with one name", () => {
  assert.deepEqual(faults({ patterns: [FAILURES, FAILURES] }), [
    "error duplicate-name patterns[1].patternId",
  ]);
});

Deno.test("event reports a condition that there is not, with the nearest one", () => {
  const condition = (condition: string) =>
    faults({ patterns: [{ ...FAILURES, condition }] });
  const at = "error invalid-value patterns[0].condition";
  assert.deepEqual(condition("sequnce"), [`${at}: sequence`]);
  assert.deepEqual(condition("Count"), [`${at}: count`]);
  assert.deepEqual(condition("data.total > 3"), [at]);
  for (const known of ["count", "all", "sequence", ""]) {
    assert.deepEqual(condition(known), []);
  }
});

Deno.test("event reports patterns that can never match, and times that are none", () => {
  const one = (changes: Entry) =>
    faults({ patterns: [{ ...FAILURES, ...changes }] });
  const types = ["a", "b", "c"];
  const atMost = "error invalid-value patterns[0].maxOccurs";
  assert.deepEqual(one({ maxOccurs: 1 }), [atMost]);
  assert.deepEqual(one({ maxOccurs: 2 }), []);
  const two = { eventTypes: types, minOccurs: 1, maxOccurs: 2 };
  assert.deepEqual(one({ ...two, condition: "sequence" }), [atMost]);
  assert.deepEqual(one({ ...two, orderMatters: true }), [atMost]);
  assert.deepEqual(one({ ...two, condition: "all", maxOccurs: 1 }), [atMost]);
  assert.deepEqual(one({ ...two, condition: "all" }), []);
  const time = "error invalid-value patterns[0].windowTime";
  for (const windowTime of ["0s", "-5m", "soon"]) {
    assert.deepEqual(one({ windowTime }), [time], windowTime);
  }
  assert.deepEqual(one({ minOccurs: 1.5 }), [
    "error invalid-value patterns[0].minOccurs",
  ]);
  assert.deepEqual(one({ minOccurs: -1 }), [
    "error invalid-value patterns[0].minOccurs",
  ]);
  assert.deepEqual(one({ eventTypes: [] }), [
    "error invalid-value patterns[0].eventTypes",
  ]);
});

Deno.test("event reports a handler that is nobody, two at once, or cannot do it", () => {
  const one = (entry: Entry) =>
    faults({ handlers: [{ patternId: "failures", ...entry }] });
  assert.deepEqual(one({}), ["error missing-key handlers[0]"]);
  assert.deepEqual(one({ workflow: "incident" }), [
    "error missing-key handlers[0]",
  ]);
  assert.deepEqual(
    one({ handler: "alarm", workflow: "incident", action: "raise" }),
    ["error invalid-value handlers[0]"],
  );
  assert.deepEqual(one({ handler: "router" }), [
    "error wrong-service handlers[0].handler",
  ]);
  assert.deepEqual(one({ handler: "alarn" }), [
    "warning unresolved-reference handlers[0].handler: alarm",
  ]);
  assert.deepEqual(one({ workflow: "incident", action: "rase" }), [
    "warning unresolved-reference handlers[0].action: raise",
  ]);
  assert.deepEqual(one({ workflow: "incdent", action: "raise" }), [
    "warning unresolved-reference handlers[0].workflow: incident",
  ]);
});

Deno.test("event needs a processor, and takes the only one where none is named", () => {
  assert.deepEqual(faults({ processor: "pattrns" }), [
    "error unresolved-reference processor: patterns",
  ]);
  assert.deepEqual(faults({ processor: "alarm" }), [
    "error wrong-service processor",
  ]);
  const document = (types: readonly string[]) => {
    const sources = { env: () => undefined, secrets: new Map() };
    return load(
      JSON.stringify({
        modules: types.map((type, n) => ({ name: `m${n}`, type })),
        workflows: { event: { patterns: [FAILURES] } },
      }),
      { catalog: createCatalog(definitionsWith([])), file: "a.yaml", sources },
    ).problems.map(({ code }) => code);
  };
  assert.deepEqual(document(["messaging.broker"]), ["missing-module"]);
  assert.deepEqual(document(["event.processor"]), []);
});

Deno.test("event has a bound on patterns, so that what is used up fits into a row", () => {
  const many = Array.from({ length: ENTRIES_MAX + 1 }, (_, n) => ({
    ...FAILURES,
    patternId: `p${n}`,
  }));
  assert.deepEqual(faults({ patterns: many }), [
    "error invalid-value patterns",
  ]);
  assert.deepEqual(
    faults({ patterns: [{ ...FAILURES, patternId: "p".repeat(101) }] }),
    ["error invalid-value patterns[0].patternId"],
  );
});
