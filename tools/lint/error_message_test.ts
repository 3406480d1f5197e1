import assert from "node:assert/strict";
import { errorMessage } from "./error_message.ts";
import { lintSource } from "./lint_source.ts";

function faults(source: string, path = "engine/plan.ts"): string[] {
  return lintSource(errorMessage, path, source);
}

Deno.test("error-message accepts messages in the form of the style guide", () => {
  const sources = [
    'new Error("Cannot start http.server: port 8080 is in use")',
    "new TypeError(`Cannot read ${path}`)",
    "new TypeError(`${name} is not a duration`)",
    "new RangeError('\"retries\" must be at least 1')",
    'new SyntaxError("Expected " + wanted)',
    'new SyntaxError(wanted + " was expected")',
    'new Error("Éditions differ")',
    "new Error(message)",
    "new Error(`Cannot keep the modules' names of ${file}`)",
    'new RefusedError("not-found", "Cannot find the run")',
    'new RefusedError("not-found", message)',
    "new HttpProblemError(404, `No route for ${path}`)",
    "new ConfigError(problems)",
    'new Map("lower.")',
    "new Error()",
  ];
  for (const source of sources) assert.deepEqual(faults(source), [], source);
});

Deno.test("error-message wants a capital letter first", () => {
  const fault = ["The message of Error does not start with a capital letter"];
  assert.deepEqual(faults('new Error("cannot start")'), fault);
  assert.deepEqual(faults("new Error(`http.server: ${state}`)"), fault);
  assert.deepEqual(faults('new Error(" Cannot start")'), fault);
});

Deno.test("error-message refuses a full stop or exclamation mark at the end", () => {
  const fault = [
    "The message of RangeError ends with a full stop or an exclamation mark",
  ];
  assert.deepEqual(faults('new RangeError("Cannot start.")'), fault);
  assert.deepEqual(faults('new RangeError("Cannot start!")'), fault);
  assert.deepEqual(faults("new RangeError(`Cannot start ${name}. `)"), fault);
  assert.deepEqual(faults('new RangeError("Cannot " + what + "...")'), fault);
});

Deno.test("error-message refuses contractions", () => {
  const contractions = ["can't", "Isn't", "we're", "you’ll", "it's", "they've"];
  for (const contraction of contractions) {
    assert.deepEqual(faults(`new Error("Say ${contraction} so")`), [
      `The message of Error contains the contraction "${contraction}"`,
    ]);
  }
  assert.deepEqual(faults('new Error("Cannot read the file\'s name")'), []);
});

Deno.test("error-message refuses an empty message", () => {
  assert.deepEqual(faults('new Error("")'), ["The message of Error is empty"]);
});

Deno.test("error-message reports every fault of a message", () => {
  assert.equal(faults('new Error("it doesn\'t start.")').length, 3);
});

Deno.test("error-message looks at each branch of a choice", () => {
  const source = 'new Error(ok ? "fine" : cause ?? "Broken.")';
  assert.deepEqual(faults(source), [
    "The message of Error does not start with a capital letter",
    "The message of Error ends with a full stop or an exclamation mark",
  ]);
});

Deno.test("error-message knows where the message of an error stands", () => {
  assert.deepEqual(faults('new RefusedError("conflict", "conflict")'), [
    "The message of RefusedError does not start with a capital letter",
  ]);
  assert.deepEqual(faults('new AggregateError(errors, "All failed.")'), [
    "The message of AggregateError ends with a full stop or an exclamation mark",
  ]);
  assert.deepEqual(faults('new HttpProblemError(404, "no route")'), [
    "The message of HttpProblemError does not start with a capital letter",
  ]);
});

Deno.test("error-message looks at what a class of errors passes on", () => {
  const source = (parent: string) =>
    `class Refused extends ${parent} { constructor() { super("refused"); } }`;
  assert.deepEqual(faults(source("Error")), [
    "The message of Error does not start with a capital letter",
  ]);
  assert.deepEqual(faults(source("Shape")), []);
});

Deno.test("error-message leaves tests alone", () => {
  assert.deepEqual(faults('new Error("boom")', "engine/plan_test.ts"), []);
});
