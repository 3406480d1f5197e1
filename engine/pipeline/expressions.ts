/**
 * Compiles expressions of a document and says where in its text they are wrong.
 *
 * @module
 */
import type { Document, Span } from "../config/document.ts";
import type { Path, Problem } from "../config/problem.ts";
import type { CelVariables } from "../expression/environment.ts";
import { compileExpression, type Expression } from "../expression/evaluate.ts";
import { ExpressionError } from "../expression/expression_error.ts";
import { compileTemplate, type Template } from "../expression/template.ts";
import type { JsonValue } from "../store/store.ts";

/** Compiles, and collects what is wrong. */
export class Expressions {
  readonly #document: Document;
  readonly #problems: Problem[];

  constructor(document: Document, problems: Problem[]) {
    this.#document = document;
    this.#problems = problems;
  }

  /** A bare expression; `undefined` if it is wrong, which is reported. */
  expression(
    text: string,
    variables: CelVariables,
    path: Path,
  ): Expression | undefined {
    // Written like a value: `when: ${{ … }}` means what stands inside.
    const bare = /^\s*\$\{\{([\s\S]*)\}\}\s*$/.exec(text)?.[1]?.trim() ?? text;
    try {
      return compileExpression(bare, variables);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      this.#report(error, bare, path);
      return undefined;
    }
  }

  /** A value with expressions in it; `undefined` if one is wrong. */
  template(
    value: JsonValue,
    variables: CelVariables,
    path: Path,
  ): Template | undefined {
    const made = compileTemplate(value, variables);
    if (!isFaults(made)) return made;
    for (const { path: inner, error, written } of made) {
      this.#report(error, written, [...path, ...inner]);
    }
    return undefined;
  }

  #report(error: ExpressionError, written: string, path: Path): void {
    this.#problems.push(this.#document.problemAt(
      this.#place(error, written, path),
      {
        code: "invalid-expression",
        path,
        message: `${error.message}, in "${shorten(error.text.trim())}"`,
        nearest: error.nearest,
      },
    ));
  }

  /** The column of the mistake, where the text stands as it is on one line. */
  #place(error: ExpressionError, written: string, path: Path): Span {
    const span = this.#document.span(path, "value");
    const start = this.#document.text.indexOf(written, span.start);
    if (start < 0 || start + written.length > span.end) return span;
    const at = start + error.offset;
    return { start: at, end: Math.max(at + 1, start + written.length) };
  }
}

function isFaults(
  made: ReturnType<typeof compileTemplate>,
): made is Extract<typeof made, readonly unknown[]> {
  return Array.isArray(made);
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
