import assert from "node:assert/strict";
import { RefusedError } from "../errors.ts";
import type { JsonValue } from "../store/store.ts";
import { programOf, work } from "./_compiled_test.ts";
import { checkInput, INPUT_CHARACTERS_MAX } from "./input.ts";

const check = (input: Record<string, unknown>, given: JsonValue) =>
  checkInput(programOf({ input, steps: [work("a")] }), given);

for (
  const [type, good, bad] of [
    ["string", ["", "x"], [1, true, [], {}]],
    ["number", [0, -1.5], ["1", true]],
    ["integer", [0, -3], [1.5, 2 ** 60, "1"]],
    ["boolean", [true, false], [0, "true"]],
    ["list", [[], [1]], [{}, "[]"]],
    ["map", [{}, { a: 1 }], [[], "x"]],
    ["any", [1, "x", [], {}], []],
  ] as const
) {
  Deno.test(`an input of type ${type} takes what is one, and nothing else`, () => {
    for (const value of good) {
      assert.deepEqual(check({ f: type }, { f: value }), { f: value });
    }
    for (const value of bad) {
      assert.throws(() => check({ f: type }, { f: value }), /"f" is not/);
    }
  });
}

Deno.test("an input without a field is refused, or has its default, or null", () => {
  const fields = {
    must: "string",
    has: { type: "integer", default: 5 },
    may: { type: "string", required: false },
  };
  assert.deepEqual(check(fields, { must: "x" }), {
    ...{ must: "x", has: 5, may: null },
  });
  assert.throws(() => check(fields, {}), /"must" is missing/);
  assert.throws(() => check(fields, { must: null }), /"must" is missing/);
});

Deno.test("an input has one of the values that are listed", () => {
  const fields = { f: { enum: ["a", { b: 1 }] } };
  assert.deepEqual(check(fields, { f: { b: 1 } }), { f: { b: 1 } });
  assert.throws(
    () => check(fields, { f: "c" }),
    /"f" is not one of "a", {"b":1}/,
  );
});

Deno.test("an input is refused with everything that is wrong with it", () => {
  assert.throws(
    () => check({ a: "string", b: "integer" }, { a: 1, b: "x" }),
    (error) =>
      error instanceof RefusedError && error.code === "invalid-input" &&
      error.message ===
        'Cannot start "p0": "a" is not a string; "b" is not a whole number',
  );
});

Deno.test("an input keeps no field that is not declared, and takes none from the prototype", () => {
  assert.deepEqual(check({ a: "any" }, { a: 1, other: 2 }), { a: 1 });
  assert.throws(() => check({ constructor: "any" }, {}), /is missing/);
});

Deno.test("an input that is no map, or too long, is refused", () => {
  for (const given of [null, [], "x", 5]) {
    assert.throws(() => check({ a: "any" }, given), /not a map of fields/);
  }
  const long = "x".repeat(INPUT_CHARACTERS_MAX);
  assert.throws(
    () => check({ a: "any" }, { a: long }),
    /the input has 1048584 characters of JSON, the limit is 1048576/,
  );
});

Deno.test("a pipeline that declares no input takes anything", () => {
  const program = programOf({ steps: [work("a")] });
  for (const given of [{ a: 1 }, [1], "x"]) {
    assert.deepEqual(checkInput(program, given), given);
  }
  assert.deepEqual(checkInput(program, null), {});
});
