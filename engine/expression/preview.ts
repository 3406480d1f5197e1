/**
 * What an expression yields on values at hand, for those who are writing it.
 *
 * @module
 */
import type { JsonValue } from "../store/store.ts";
import { readExpression } from "./check.ts";
import type { CelVariables } from "./environment.ts";
import { compileExpression, type ExpressionValues } from "./evaluate.ts";
import { ExpressionError } from "./expression_error.ts";
import { compileTemplate, hasExpression } from "./template.ts";
import { partsOf } from "./template_parts.ts";
import { typeWord } from "./type_words.ts";

export type { JsonValue } from "../store/store.ts";

/** What can be said of an expression. */
export type Preview =
  | {
    readonly kind: "value";
    readonly value: JsonValue;
    readonly type: string;
  }
  /** It is right, and the values at hand do not do. */
  | { readonly kind: "type"; readonly type: string; readonly why: string }
  | PreviewFault;

/** What is wrong, and where. */
export interface PreviewFault {
  readonly kind: "fault";
  readonly message: string;
  /** Of the whole text that is edited, from 1. */
  readonly line: number;
  readonly column: number;
  readonly nearest?: string;
}

/** What an expression is over. */
export interface PreviewOver {
  readonly variables: CelVariables;
  readonly values: ExpressionValues;
}

/** An expression without braces, or in them alone. */
export function previewExpression(text: string, over: PreviewOver): Preview {
  const [only, ...others] = partsOrNone(text);
  const inner = only?.kind === "expression" && others.length === 0
    ? only
    : undefined;
  return preview(
    () => {
      const bare = inner?.text ?? text;
      const { type } = readExpression(bare, over.variables);
      const value = () =>
        compileExpression(bare, over.variables).evaluate(over.values);
      return [typeWord(type), value];
    },
    (error) => positionIn(text, error.text, error.offset, inner?.start ?? 0),
  );
}

/** A value with expressions in it; none if there are none. */
export function previewTemplate(
  value: JsonValue,
  over: PreviewOver,
): Preview | undefined {
  if (!holdsExpression(value)) return undefined;
  return preview(
    () => {
      const made = compileTemplate(value, over.variables);
      if (isFaults(made)) {
        throw made[0]?.error ?? new Error("Nothing is wrong");
      }
      const type = templateType(value, over.variables);
      return [type, () => made.evaluate(over.values)];
    },
    (error) =>
      typeof value === "string"
        ? positionIn(value, error.text, error.offset, 0)
        : { line: error.line, column: error.column },
  );
}

function preview(
  read: () => readonly [type: string, value: () => JsonValue],
  positionOf: (
    error: ExpressionError,
  ) => { readonly line: number; readonly column: number },
): Preview {
  let type = "any";
  try {
    const [word, value] = read();
    type = word;
    return { kind: "value", type, value: value() };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { message, nearest } = error;
    if (error.kind === "evaluation") {
      const why = message.replace(/^Cannot evaluate "[^]*?": /, "");
      return { kind: "type", type, why };
    }
    return {
      ...{ kind: "fault", message, ...positionOf(error) },
      ...nearest === undefined ? {} : { nearest },
    };
  }
}

/** Where in the whole text a place of an expression in it is. */
function positionIn(
  text: string,
  expression: string,
  offset: number,
  from: number,
): { readonly line: number; readonly column: number } {
  const start = Math.max(0, text.indexOf(expression, from));
  const before = text.slice(0, start + offset);
  return {
    line: before.split("\n").length,
    column: before.length - before.lastIndexOf("\n"),
  };
}

/** The type of one expression alone; of more, what they are joined to. */
function templateType(value: JsonValue, variables: CelVariables): string {
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return "map";
  const [only, ...others] = partsOf(String(value));
  return only?.kind === "expression" && others.length === 0
    ? typeWord(readExpression(only.text, variables).type)
    : "text";
}

function partsOrNone(text: string) {
  try {
    return partsOf(text.trim() === text ? text : text.trim());
  } catch (error) {
    if (error instanceof ExpressionError) return [];
    throw error;
  }
}

function holdsExpression(value: JsonValue): boolean {
  if (typeof value === "string") return looksLikeOne(value);
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some((item) => holdsExpression(item ?? null));
}

function looksLikeOne(text: string): boolean {
  try {
    return hasExpression(text);
  } catch (error) {
    // One that does not end is one, and wrong.
    if (error instanceof ExpressionError) return true;
    throw error;
  }
}

function isFaults(
  made: ReturnType<typeof compileTemplate>,
): made is Extract<typeof made, readonly unknown[]> {
  return Array.isArray(made);
}
