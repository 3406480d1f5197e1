import assert from "node:assert/strict";
import { lintSource } from "./lint_source.ts";
import { noNonNull } from "./no_non_null.ts";

Deno.test("no-non-null refuses the assertion outside of tests", () => {
  const source = "const a = b!; c!.d(); if (!e) f(a !== b);";
  assert.equal(lintSource(noNonNull, "engine/plan.ts", source).length, 2);
  assert.equal(lintSource(noNonNull, "engine/plan_test.ts", source).length, 0);
});
