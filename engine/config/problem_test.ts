import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatPath,
  formatProblem,
  hasErrors,
  parsePath,
  type Problem,
  sortProblems,
} from "./problem.ts";

function problem(fields: Partial<Problem>): Problem {
  return {
    code: "unknown-key",
    severity: "error",
    file: "a.yaml",
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 2,
    path: "a",
    message: "Something is wrong",
    docs: "/docs",
    ...fields,
  };
}

Deno.test("formatPath() writes paths as people read them", () => {
  assert.equal(formatPath([]), "");
  assert.equal(
    formatPath(["workflows", "http", "routes", 0, "path"]),
    "workflows.http.routes[0].path",
  );
  assert.equal(formatPath(["a b", "c.d", "e-f"]), '["a b"]["c.d"].e-f');
  assert.equal(formatPath(["x", 'say "hi"']), 'x["say \\"hi\\""]');
});

Deno.test("parsePath() reads what formatPath() wrote", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ minLength: 1 }), fc.nat())),
      (path) => {
        assert.deepEqual(parsePath(formatPath(path)), path);
      },
    ),
  );
});

Deno.test("sortProblems() sorts by file and place, errors before warnings", () => {
  const sorted = sortProblems([
    problem({ file: "b.yaml", message: "6" }),
    problem({ line: 3, column: 1, message: "5" }),
    problem({ line: 2, column: 9, message: "4" }),
    problem({ line: 2, column: 4, severity: "warning", message: "3" }),
    problem({ line: 2, column: 4, message: "2" }),
    problem({ line: 1, message: "1" }),
  ]);
  assert.equal(sorted.map(({ message }) => message).join(""), "123456");
});

Deno.test("hasErrors() tells errors from warnings", () => {
  assert.equal(hasErrors([]), false);
  assert.equal(hasErrors([problem({ severity: "warning" })]), false);
  assert.equal(
    hasErrors([problem({ severity: "warning" }), problem({})]),
    true,
  );
});

Deno.test("formatProblem() is one line, and a second where there is advice", () => {
  assert.equal(
    formatProblem(problem({ line: 3, column: 7 })),
    "a.yaml:3:7  error  unknown-key  Something is wrong",
  );
  assert.equal(
    formatProblem(problem({ nearest: "name", help: "Remove it" })),
    "a.yaml:1:1  error  unknown-key  Something is wrong\n" +
      '    Did you mean "name"?  Remove it',
  );
  assert.equal(
    formatProblem(problem({ help: "Remove it" })).split("\n")[1],
    "    Remove it",
  );
});
