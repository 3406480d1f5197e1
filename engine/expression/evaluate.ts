/**
 * CEL, the one expression language of documents: guards, conditions, success
 * predicates. An expression is checked once and evaluated often; neither can
 * hang, change a value or reach outside of the values it is given.
 *
 * @module
 */
import {
  type Environment,
  EvaluationError,
  type ParseResult,
} from "@marcbachmann/cel-js";
import type { JsonValue } from "../store/store.ts";
import { withBudget } from "./budget.ts";
import { parseExpression } from "./check.ts";
import { type CelVariables, evaluationEnvironment } from "./environment.ts";
import { ExpressionError } from "./expression_error.ts";
import { toJson } from "./json_result.ts";
import { meter } from "./metering.ts";

/** Expressions kept ready for one set of variables; the oldest one goes first. */
export const EXPRESSIONS_CACHED = 1_000;

/** The values of the variables, by name. */
export type ExpressionValues = Readonly<Record<string, JsonValue | undefined>>;

/** A checked expression. */
export interface Expression {
  readonly text: string;
  /**
   * The result as JSON. A variable without a value is null.
   *
   * @throws {ExpressionError} `evaluation`: a missing field, a type that does
   * not fit, or a limit of work that is exceeded.
   */
  evaluate(values: ExpressionValues): JsonValue;
}

interface Cache {
  readonly environment: Environment;
  readonly names: readonly string[];
  readonly expressions: Map<string, Expression>;
}

/** By the object that names the variables: callers keep it as a constant. */
const caches = new WeakMap<CelVariables, Cache>();

/**
 * Checks an expression over these variables and makes it ready. The result is
 * remembered by its text as long as the `variables` object lives.
 *
 * @throws {ExpressionError} `syntax`, `type` or `refused`, with the place in the
 * text and the nearest known name.
 */
export function compileExpression(
  text: string,
  variables: CelVariables,
): Expression {
  const cache = cacheOf(variables);
  const known = cache.expressions.get(text);
  if (known !== undefined) return known;
  const ast = parseExpression(text, variables);
  const run = cache.environment.parse(meter(ast, text));
  const expression: Expression = {
    text,
    evaluate: (values) => evaluate(run, text, cache.names, values),
  };
  if (cache.expressions.size >= EXPRESSIONS_CACHED) {
    const oldest = cache.expressions.keys().next();
    if (!oldest.done) cache.expressions.delete(oldest.value);
  }
  cache.expressions.set(text, expression);
  return expression;
}

function cacheOf(variables: CelVariables): Cache {
  const known = caches.get(variables);
  if (known !== undefined) return known;
  const names = Object.keys(variables);
  const environment = evaluationEnvironment(names);
  const cache = { environment, names, expressions: new Map() };
  caches.set(variables, cache);
  return cache;
}

function evaluate(
  run: ParseResult,
  text: string,
  names: readonly string[],
  values: ExpressionValues,
): JsonValue {
  const context: Record<string, unknown> = {};
  for (const name of names) context[name] = values[name] ?? null;
  try {
    return toJson(withBudget(() => run(context)));
  } catch (error) {
    const reason = error instanceof EvaluationError
      ? error.summary
      : error instanceof Error
      ? error.message
      : String(error);
    throw new ExpressionError(
      `Cannot evaluate "${shorten(text)}": ${reason.replaceAll("'", '"')}`,
      { kind: "evaluation", text, cause: error },
    );
  }
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
