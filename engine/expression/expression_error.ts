/**
 * What is wrong with an expression, and where in its text.
 *
 * @module
 */

/** Which stage refused the expression. */
export type ExpressionErrorKind =
  /** The text is not an expression. */
  | "syntax"
  /** A name or a type does not fit. */
  | "type"
  /** Valid, but outside of what is allowed here. */
  | "refused"
  /** It was checked, and the values at hand made it fail. */
  | "evaluation";

/** The facts beside the message. */
export interface ExpressionErrorFacts {
  readonly kind: ExpressionErrorKind;
  readonly text: string;
  /** Where in the text, in UTF-16 units from 0. @default {0} */
  readonly offset?: number | undefined;
  /** The known name that is closest to one that is not known. */
  readonly nearest?: string | undefined;
  readonly cause?: unknown;
}

/** An expression cannot be used, or could not be evaluated. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly kind: ExpressionErrorKind;
  /** The expression. */
  readonly text: string;
  /** Where in the text, in UTF-16 units from 0. */
  readonly offset: number;
  /** The line in the text, from 1. */
  readonly line: number;
  /** The column in that line, from 1. */
  readonly column: number;
  /** The known name that is closest to the unknown one, if it is close. */
  readonly nearest: string | undefined;

  constructor(message: string, facts: ExpressionErrorFacts) {
    super(
      message,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    );
    this.kind = facts.kind;
    this.text = facts.text;
    this.offset = Math.min(Math.max(facts.offset ?? 0, 0), facts.text.length);
    const before = facts.text.slice(0, this.offset);
    this.line = before.split("\n").length;
    this.column = this.offset - before.lastIndexOf("\n");
    this.nearest = facts.nearest;
  }
}
