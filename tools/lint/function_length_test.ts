import assert from "node:assert/strict";
import { functionLength } from "./function_length.ts";
import { lintSource } from "./lint_source.ts";

/** Statements that, with the two lines around them, make `lines` lines. */
function body(lines: number): string {
  return "a();\n".repeat(lines - 2);
}

function faults(source: string, path = "engine/plan.ts"): string[] {
  return lintSource(functionLength, path, source);
}

Deno.test("function-length accepts 70 lines and refuses 71", () => {
  assert.deepEqual(faults(`function f() {\n${body(70)}}`), []);
  assert.deepEqual(faults(`function f() {\n${body(71)}}`), [
    "Cannot follow a function of 71 lines: the limit is 70 lines",
  ]);
});

Deno.test("function-length looks at every kind of function", () => {
  const long = body(80);
  const sources = [
    `const f = () => {\n${long}};`,
    `class A { f() {\n${long}} }`,
    `const o = { create() {\n${long}} };`,
    `const o = { get f() {\n${long}} };`,
    `export default async function* () {\n${long}}`,
  ];
  for (const source of sources) assert.equal(faults(source).length, 1, source);
});

Deno.test("function-length accepts long bodies of tests and benchmarks", () => {
  const long = body(80);
  const sources = [
    `Deno.test("f() does", () => {\n${long}});`,
    `Deno.test.ignore("f() does", function f() {\n${long}});`,
    `Deno.test({ name: "f() does", fn() {\n${long}} });`,
    `Deno.bench("f()", async () => {\n${long}});`,
  ];
  for (const source of sources) {
    assert.deepEqual(faults(source, "engine/plan_test.ts"), [], source);
  }
});

Deno.test("function-length refuses long functions beside and inside a test", () => {
  const long = `function f() {\n${body(80)}}`;
  assert.equal(faults(long, "engine/plan_test.ts").length, 1);
  const inside = `Deno.test("f() does", () => {\n${long}\n});`;
  assert.equal(faults(inside, "engine/plan_test.ts").length, 1);
});

Deno.test("function-length leaves generated files alone", () => {
  assert.deepEqual(
    faults(`function f() {\n${body(80)}}`, "catalog.gen.ts"),
    [],
  );
});
