import assert from "node:assert/strict";
import {
  checkInputs,
  checkOutputs,
  InputViolationError,
  readContract,
} from "./component_contract.ts";
import { TerminalError } from "./errors.ts";

const CONTRACT = readContract({
  required_inputs: { items: "slice", total: { type: "float" } },
  optionalInputs: {
    currency: { type: "string", default: "CHF", description: "Three letters" },
    tags: { type: "slice", default: ["new"] },
    note: "string",
  },
  outputs: { available: "bool", count: "int" },
});

Deno.test("readContract() takes both spellings, and a bare type for a field", () => {
  assert.deepEqual(CONTRACT.requiredInputs, {
    items: { type: "slice" },
    total: { type: "float" },
  });
  assert.deepEqual(CONTRACT.optionalInputs.currency, {
    type: "string",
    default: "CHF",
    description: "Three letters",
  });
  assert.deepEqual(readContract({}), {
    requiredInputs: {},
    optionalInputs: {},
    outputs: {},
  });
});

for (
  const [contract, message] of [
    [null, /it is missing, expected a map/],
    [{ inputs: {} }, /"inputs" is not a part of it/],
    [{ outputs: ["a"] }, /outputs is a list, expected a map/],
    [
      { outputs: { a: "number" } },
      /outputs\.a is "number", expected one of string, int/,
    ],
    [
      { requiredInputs: { a: {} } },
      /requiredInputs\.a is missing, expected one of/,
    ],
  ] as const
) {
  Deno.test(`readContract() refuses ${JSON.stringify(contract)}`, () => {
    assert.throws(() => readContract(contract), message);
  });
}

Deno.test("checkInputs() fills in defaults without touching what it was given", () => {
  const params = { items: [1], total: 1.5, note: null, more: true };
  const checked = checkInputs("checker", CONTRACT, params);
  assert.deepEqual(checked, { ...params, currency: "CHF", tags: ["new"] });
  assert.deepEqual(Object.keys(params), ["items", "total", "note", "more"]);
  (checked.tags as string[]).push("changed");
  assert.deepEqual(checkInputs("checker", CONTRACT, params).tags, ["new"]);
});

Deno.test("checkInputs() names every violation at once, for good", () => {
  assert.throws(
    () =>
      checkInputs("checker", CONTRACT, { total: "12", currency: 3, note: {} }),
    (error) =>
      error instanceof InputViolationError && error instanceof TerminalError &&
      error.message ===
        'Cannot run checker: "items" is missing, expected slice; "total" is a ' +
          'string, expected float; "currency" is the number 3, expected string; ' +
          '"note" is a map, expected string',
  );
});

Deno.test("checkInputs() does not take inherited names for values", () => {
  const contract = readContract({ requiredInputs: { toString: "any" } });
  assert.throws(
    () => checkInputs("checker", contract, {}),
    /"toString" is missing/,
  );
});

Deno.test("checkOutputs() checks what is there", () => {
  for (
    const result of [{}, { available: true, count: 2, more: 1 }, null, "text", [
      1,
    ]]
  ) {
    checkOutputs("checker", CONTRACT, result);
  }
  assert.throws(
    () => checkOutputs("checker", CONTRACT, { available: "yes", count: 1.5 }),
    (error) =>
      error instanceof TerminalError &&
      !(error instanceof InputViolationError) &&
      error.message ===
        'Cannot use the result of checker: "available" is a string, expected ' +
          'bool; "count" is the number 1.5, expected int',
  );
});
