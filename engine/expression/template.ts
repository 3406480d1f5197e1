/**
 * Values with expressions in them: `${{ input.total * 2.0 }}`. A text that is one
 * expression and nothing else yields a value of any kind; in a longer text the
 * values are joined as text. `$${{` stands for itself.
 *
 * @module
 */
import type { JsonValue } from "../store/store.ts";
import type { CelVariables } from "./environment.ts";
import {
  compileExpression,
  type Expression,
  type ExpressionValues,
} from "./evaluate.ts";
import { ExpressionError } from "./expression_error.ts";
import { partsOf, type TemplatePart } from "./template_parts.ts";

/** A value of which the expressions are checked and ready. */
export interface Template {
  /** Whether there is no expression in it, so that it is always the same. */
  readonly isConstant: boolean;
  /** @throws {ExpressionError} `evaluation`, as an expression does. */
  evaluate(values: ExpressionValues): JsonValue;
}

/** An expression that is wrong, and the path to the text that holds it. */
export interface TemplateFault {
  readonly path: readonly (string | number)[];
  readonly error: ExpressionError;
  /** The expression as it is written, to find its place in the document. */
  readonly written: string;
}

/**
 * Checks every expression in a value and makes it ready.
 *
 * @returns the template, or everything that is wrong.
 */
export function compileTemplate(
  value: JsonValue,
  variables: CelVariables,
): Template | readonly TemplateFault[] {
  const faults: TemplateFault[] = [];
  const template = compile(value, { variables, faults, path: [] });
  return faults.length > 0 ? faults : template;
}

/** Whether a text has an expression in it. */
export function hasExpression(text: string): boolean {
  return text.includes("${{") &&
    partsOf(text).some(({ kind }) => kind === "expression");
}

interface Place {
  readonly variables: CelVariables;
  readonly faults: TemplateFault[];
  readonly path: readonly (string | number)[];
}

function compile(value: JsonValue, place: Place): Template {
  if (typeof value === "string") return compileText(value, place);
  if (value === null || typeof value !== "object") return constant(value);
  if (Array.isArray(value)) {
    const items = value.map((item, index) =>
      compile(item, { ...place, path: [...place.path, index] })
    );
    if (items.every(({ isConstant }) => isConstant)) return constant(value);
    return {
      isConstant: false,
      evaluate: (values) => items.map((item) => item.evaluate(values)),
    };
  }
  return compileMap(value as Readonly<Record<string, JsonValue>>, place);
}

function compileMap(
  value: Readonly<Record<string, JsonValue>>,
  place: Place,
): Template {
  const entries = Object.entries(value).map(([key, item]) =>
    [key, compile(item, { ...place, path: [...place.path, key] })] as const
  );
  if (entries.every(([, { isConstant }]) => isConstant)) return constant(value);
  return {
    isConstant: false,
    evaluate: (values) => {
      const result: Record<string, JsonValue> = {};
      for (const [key, item] of entries) {
        // Assigning to "__proto__" would change the prototype instead.
        if (key === "__proto__") {
          Object.defineProperty(result, key, {
            value: item.evaluate(values),
            enumerable: true,
            configurable: true,
            writable: true,
          });
        } else result[key] = item.evaluate(values);
      }
      return result;
    },
  };
}

function constant(value: JsonValue): Template {
  return { isConstant: true, evaluate: () => value };
}

function compileText(text: string, place: Place): Template {
  if (!text.includes("${{")) return constant(text);
  let parts: readonly TemplatePart[];
  try {
    parts = partsOf(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    place.faults.push({ path: place.path, error, written: text });
    return constant(null);
  }
  const compiled = parts.map((part) => compilePart(part, place));
  const [only] = compiled;
  if (compiled.length === 1 && only !== undefined) {
    return typeof only === "string"
      ? constant(only)
      : { isConstant: false, evaluate: (values) => only.evaluate(values) };
  }
  return {
    isConstant: false,
    evaluate: (values) =>
      compiled.map((part) =>
        typeof part === "string" ? part : asText(part.evaluate(values))
      ).join(""),
  };
}

function compilePart(part: TemplatePart, place: Place): string | Expression {
  if (part.kind === "text") return part.text;
  try {
    return compileExpression(part.text, place.variables);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    place.faults.push({ path: place.path, error, written: part.text });
    return "";
  }
}

/** A value inside of a longer text: nothing for null, JSON for lists and maps. */
function asText(value: JsonValue): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
