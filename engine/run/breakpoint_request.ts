/**
 * Checks what a caller says of a breakpoint.
 *
 * @module
 */
import { nearestName } from "../config/nearest.ts";
import { RefusedError } from "../errors.ts";
import { compileExpression, type Expression } from "../expression/evaluate.ts";
import type { CelVariables } from "../expression/environment.ts";
import { ExpressionError } from "../expression/expression_error.ts";
import type { Program } from "../pipeline/program.ts";
import { placeAt, placesIn, type StepPlace } from "./step_scope.ts";

/** How long a run stands at a breakpoint that says nothing: ten minutes. */
export const PAUSE_MS_DEFAULT = 10 * 60_000;

/** The longest that a run stands at a breakpoint, in milliseconds: a day. */
export const PAUSE_MS_MAX = 24 * 60 * 60_000;

/** The longest condition, in characters. */
export const CONDITION_CHARACTERS_MAX = 1_000;

/** A condition cannot be used; says where in its text. */
export class ConditionError extends RefusedError {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly nearest: string | undefined;

  constructor(error: ExpressionError) {
    const { line, column, nearest } = error;
    const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
    super(
      "invalid-input",
      `Cannot use the condition: line ${line}, column ${column}: ` +
        `${error.message}${hint}`,
      { cause: error },
    );
    this.offset = error.offset;
    this.line = line;
    this.column = column;
    this.nearest = nearest;
  }
}

/**
 * The step that a run can stop at.
 *
 * @throws {RefusedError} `not-found`; `invalid-input` if it is made of steps.
 */
export function stepOf(program: Program, step: string): StepPlace {
  const places = placesIn(program);
  const place = placeAt(places, step);
  if (place === undefined) {
    const nearest = nearestName(step, [...places.keys()]);
    const hint = nearest === undefined ? "" : `: did you mean "${nearest}"?`;
    throw new RefusedError(
      "not-found",
      `The pipeline "${program.id}" has no step "${step}"${hint}`,
    );
  }
  const { kind } = place.node;
  if (kind === "task" || kind === "wait") return place;
  const what = { each: "a loop", parallel: "branches", switch: "a choice" };
  throw new RefusedError(
    "invalid-input",
    `Cannot stop at "${step}": it is ${what[kind]}, so name a step in it`,
  );
}

/** A condition as it is kept: written like a value, it means what stands inside. */
export function conditionText(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  if (text.length > CONDITION_CHARACTERS_MAX) {
    throw new RefusedError(
      "invalid-input",
      `Cannot use the condition: it has ${text.length} characters, the limit is ` +
        `${CONDITION_CHARACTERS_MAX} characters`,
    );
  }
  return /^\s*\$\{\{([\s\S]*)\}\}\s*$/.exec(text)?.[1]?.trim() ?? text;
}

/** @throws {ConditionError} It is wrong, or names what is not there. */
export function compileCondition(
  text: string,
  variables: CelVariables,
): Expression {
  try {
    return compileExpression(text, variables);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ConditionError(error);
  }
}

/** How long a run stands there at most. @throws {RefusedError} `invalid-input` */
export function limitOf(ms: number = PAUSE_MS_DEFAULT): number {
  if (Number.isInteger(ms) && ms >= 1 && ms <= PAUSE_MS_MAX) return ms;
  throw new RefusedError(
    "invalid-input",
    `Cannot use autoResumeMs ${ms}: expected a whole number from 1 to ` +
      `${PAUSE_MS_MAX} ms (a day)`,
  );
}
