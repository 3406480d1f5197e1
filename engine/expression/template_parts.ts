/**
 * Where the expressions of a text are: `Order ${{ input.id }}` has one. `$${{`
 * stands for itself.
 *
 * @module
 */
import { ExpressionError } from "./expression_error.ts";

/** A part of a text. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | ExpressionPart;

/** An expression in a text. */
export interface ExpressionPart {
  readonly kind: "expression";
  /** Without the space around it. */
  readonly text: string;
  /** What stands between the braces, as places in the whole text. */
  readonly start: number;
  readonly end: number;
}

/**
 * The parts of a text, one at least.
 *
 * @throws {ExpressionError} `syntax` if an expression does not end.
 */
export function partsOf(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let plain = "";
  for (let i = 0; i < text.length;) {
    if (text.startsWith("$${{", i)) {
      plain += "${{";
      i += 4;
    } else if (text.startsWith("${{", i)) {
      const start = i + 3;
      const end = endOf(text, start);
      if (plain !== "") parts.push({ kind: "text", text: plain });
      plain = "";
      const inner = text.slice(start, end).trim();
      parts.push({ kind: "expression", text: inner, start, end });
      i = end + 2;
    } else plain += text[i++];
  }
  if (plain !== "" || parts.length === 0) {
    parts.push({ kind: "text", text: plain });
  }
  return parts;
}

/** The same text with each expression changed; one that does not end stays. */
export function mapExpressions(
  text: string,
  change: (expression: string) => string,
): string {
  let result = text;
  for (const part of expressionsIn(text).toReversed()) {
    const { start, end } = part;
    const inner = change(text.slice(start, end));
    result = result.slice(0, start) + inner + result.slice(end);
  }
  return result;
}

/** The expressions of a text; none if one of them does not end. */
export function expressionsIn(text: string): readonly ExpressionPart[] {
  try {
    return partsOf(text).filter((part) => part.kind === "expression");
  } catch (error) {
    if (error instanceof ExpressionError) return [];
    throw error;
  }
}

/** Where the expression begins in which a place of a text is, if it is in one. */
export function expressionStart(text: string, at: number): number | undefined {
  try {
    partsOf(text.slice(0, at));
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return error.offset + 3;
    throw error;
  }
}

/** Where `}}` ends an expression: behind its texts and its own braces. */
function endOf(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (character === '"' || character === "'") {
      i = endOfText(text, i);
      continue;
    }
    if (character === "{") depth++;
    if (character !== "}") continue;
    if (depth === 0 && text[i + 1] === "}") return i;
    depth--;
  }
  throw new ExpressionError('Cannot read the expression: "}}" is missing', {
    kind: "syntax",
    text,
    offset: start - 3,
  });
}

/** The index of the quote that ends a text of CEL. */
function endOfText(text: string, start: number): number {
  const quote = text[start];
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === quote) return i;
  }
  return text.length;
}
