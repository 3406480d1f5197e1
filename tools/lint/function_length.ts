/**
 * The rule `workflow/function-length`: a function fits on a page. Bodies of tests
 * and benchmarks are stories and may be longer.
 *
 * @module
 */
import { projectPath } from "./project_path.ts";

/** The most lines that a function may have, its signature and braces included. */
const LINES_MAX = 70;

type FunctionNode =
  | Deno.lint.ArrowFunctionExpression
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression;

/** See the module comment. */
export const functionLength: Deno.lint.Rule = {
  create(context) {
    const { sourceCode } = context;
    if (/\.gen\.tsx?$/.test(projectPath(context.filename))) return {};
    function check(node: FunctionNode): void {
      const lines = sourceCode.getText(node).split("\n").length;
      if (lines <= LINES_MAX || isStory(node, sourceCode)) return;
      context.report({
        node,
        message:
          `Cannot follow a function of ${lines} lines: the limit is ${LINES_MAX} lines`,
        hint: "Give its parts names",
      });
    }
    return {
      ArrowFunctionExpression: check,
      FunctionDeclaration: check,
      FunctionExpression: check,
    };
  },
};

/** Whether the function is what `Deno.test` or `Deno.bench` runs. */
function isStory(
  node: FunctionNode,
  sourceCode: Deno.lint.SourceCode,
): boolean {
  let around: Deno.lint.Node = node.parent;
  if (around.type === "Property") around = around.parent;
  if (around.type === "ObjectExpression") around = around.parent;
  return around.type === "CallExpression" &&
    /^Deno\.(?:test|bench)\b/.test(sourceCode.getText(around.callee));
}
