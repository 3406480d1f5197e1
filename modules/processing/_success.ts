/**
 * Tells whether the result of a step is a success of the business: a payment
 * that is declined has been processed without an error, and is no payment.
 *
 * @module
 */
import type { CelVariables } from "@engine/expression/environment.ts";
import { compileExpression } from "@engine/expression/evaluate.ts";
import { ExpressionError } from "@engine/expression/expression_error.ts";
import { TerminalError } from "@engine/errors.ts";
import type { Executor } from "@engine/services/executor.ts";

/** What the code returned. */
export type Result = Awaited<ReturnType<Executor["execute"]>>;

/** What `successWhen` may speak of. */
export const SUCCESS_VARIABLES: CelVariables = { result: "any", params: "map" };

/** Fields that say no by being false. */
const VERDICTS = ["success", "ok", "available"];

/** Values of `status` that say no. */
const FAILURES: ReadonlySet<string> = new Set([
  "declined",
  "failed",
  "rejected",
  "error",
]);

/**
 * Why a result is no success, or `undefined` if it is one. Without an expression
 * the result itself tells: `success`, `ok` or `available` is false, or `status`
 * is declined, failed, rejected or error.
 *
 * @throws {TerminalError} if the expression cannot be evaluated or is not a truth
 * value: another attempt would end the same way.
 */
export function failureOf(
  result: Result,
  params: Readonly<Record<string, Result | undefined>>,
  successWhen: string | undefined,
): string | undefined {
  if (successWhen === undefined) return plainFailureOf(result);
  if (holds(successWhen, result, params)) return undefined;
  return reasonOf(result) ?? `The result does not meet "${successWhen}"`;
}

function holds(
  successWhen: string,
  result: Result,
  params: Readonly<Record<string, Result | undefined>>,
): boolean {
  try {
    const verdict = compileExpression(successWhen, SUCCESS_VARIABLES)
      .evaluate({ result, params });
    if (typeof verdict === "boolean") return verdict;
    throw new TerminalError(
      `Cannot judge the result: "${successWhen}" is ${
        JSON.stringify(verdict)
      }, ` +
        "expected true or false",
    );
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new TerminalError(`Cannot judge the result: ${error.message}`, {
      cause: error,
    });
  }
}

function plainFailureOf(result: Result): string | undefined {
  if (!isMap(result)) return undefined;
  const verdict = VERDICTS.find((field) => result[field] === false);
  if (verdict !== undefined) return reasonOf(result) ?? `"${verdict}" is false`;
  const { status } = result;
  if (typeof status !== "string" || !FAILURES.has(status.toLowerCase())) {
    return undefined;
  }
  return reasonOf(result) ?? `"status" is "${status}"`;
}

/** What the code itself says about it. */
function reasonOf(result: Result): string | undefined {
  if (!isMap(result)) return undefined;
  for (const field of ["error", "reason", "message"]) {
    const text = result[field];
    if (typeof text === "string" && text !== "") return text;
  }
  return undefined;
}

/** Whether a result has named fields. */
export function isMap(
  result: Result,
): result is { readonly [field: string]: Result | undefined } {
  return result !== null && typeof result === "object" &&
    !Array.isArray(result);
}
