/**
 * What is wrong with an expression in a config.
 *
 * @module
 */
import type { Issue } from "@engine/define.ts";
import { checkExpression } from "@engine/expression/check.ts";
import type { CelVariables } from "@engine/expression/environment.ts";

/** An issue, if the expression at a key is not valid; none where there is none. */
export function expressionIssues(
  key: string,
  text: string | undefined,
  variables: CelVariables,
): readonly Issue[] {
  if (text === undefined) return [];
  const error = checkExpression(text, variables);
  if (error === undefined) return [];
  return [{
    code: "invalid-expression",
    path: [key],
    message:
      `"${key}" is not valid at ${error.line}:${error.column}: ${error.message}`,
    ...error.nearest === undefined
      ? {}
      : { help: `Did you mean "${error.nearest}"?` },
  }];
}
