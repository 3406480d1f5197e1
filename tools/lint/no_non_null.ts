/**
 * The rule `workflow/no-non-null`: outside of tests a value that may be absent
 * is checked, so that its absence gets a message and not a crash further on.
 *
 * @module
 */
import { isTest, projectPath } from "./project_path.ts";

/** See the module comment. */
export const noNonNull: Deno.lint.Rule = {
  create(context) {
    if (isTest(projectPath(context.filename))) return {};
    return {
      TSNonNullExpression(node) {
        context.report({
          node,
          message: 'Cannot assert with "!" that a value is present: check it',
        });
      },
    };
  },
};
