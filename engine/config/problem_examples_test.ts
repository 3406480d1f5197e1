import assert from "node:assert/strict";
import { catalog } from "../../catalog.gen.ts";
import { problemsOf } from "../derive/problem_page.ts";
import { PROBLEM_CODES, type ProblemCode } from "./problem.ts";
import { PROBLEM_EXAMPLES } from "./problem_examples.ts";

for (const code of Object.keys(PROBLEM_CODES) as ProblemCode[]) {
  const example = PROBLEM_EXAMPLES[code];

  Deno.test(`the example of ${code} provokes it, and nothing else`, () => {
    const problems = problemsOf(example.document, example, catalog);
    assert.deepEqual(
      problems.map(({ code, line }) => ({ code, line })),
      [{ code, line: example.line }],
    );
  });

  Deno.test(`the example of ${code} is mended as its page says`, () => {
    assert.deepEqual(problemsOf(example.fixed, example, catalog), []);
  });
}

Deno.test("the examples of problems are documents that a page can show", () => {
  for (
    const [code, { document, shown, fix }] of Object.entries(PROBLEM_EXAMPLES)
  ) {
    assert.ok((shown ?? document).split("\n").length < 20, code);
    assert.doesNotMatch(fix, /[.:]$/, code);
  }
});
