/**
 * What is wrong with a document, and where. One object serves the terminal, the
 * API, the editor and the canvas.
 *
 * @module
 */

/** The kinds of problem. Each has a page under `/docs/problems/`. */
export const PROBLEM_CODES = {
  "yaml-syntax": "The text is not valid YAML",
  "document-too-large": "The text is longer than a document may be",
  "not-a-document": "The document has none of the known sections",
  "missing-key": "A required key is absent",
  "invalid-value": "A value has the wrong type or lies outside its bounds",
  "unknown-key": "A key is not part of its definition",
  "ineffective-key": "A key has no effect: it is not part of its definition",
  "inert-key": "A key is accepted from older documents and has no effect",
  "unknown-type": "No module type has this name",
  "unknown-workflow-type": "No workflow type has this name",
  "unknown-trigger-type": "No trigger type has this name",
  "duplicate-name": "Two modules, or two patterns, have the same name",
  "unresolved-reference": "A name refers to nothing in this document",
  "wrong-service": "A name refers to a module that cannot do what is needed",
  "missing-module": "A module that is needed is not in the document",
  "ambiguous-reference": "Several modules fit and none is named",
  "dependency-cycle": "Modules depend on each other in a circle",
  "unset-variable": "An environment variable or a secret is not set",
  "invalid-expression": "An expression cannot be parsed or checked",
  "duplicate-route": "Two routes answer the same requests",
  "invalid-route": "A route pattern is malformed",
  "invalid-machine": "A state machine definition contradicts itself",
  "invalid-pipeline": "A pipeline or one of its steps contradicts itself",
  "unknown-step-type": "No type of step has this name",
  "inert-type": "A type is accepted from older documents and does nothing",
  "unstable-type": "A type may change without notice",
} as const satisfies Record<string, string>;

/** The code of a problem. */
export type ProblemCode = keyof typeof PROBLEM_CODES;

/** Whether the document can be used in spite of the problem. */
export type Severity = "error" | "warning";

/** One thing that is wrong. Lines and columns count from 1. */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where the marked text ends (exclusive). */
  readonly endLine: number;
  readonly endColumn: number;
  /** The place in the document, such as `modules[2].config.address`. */
  readonly path: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What stands there, as text. */
  readonly found?: string;
  /** What should stand there. */
  readonly expected?: string;
  /** The known name that is closest to what was found. */
  readonly nearest?: string;
  /** What to do. */
  readonly help?: string;
  /** The page that explains it, relative to the management surface. */
  readonly docs: string;
}

/** A place in a document: map keys and list indexes from the root. */
export type Path = readonly (string | number)[];

/** Writes a path the way problems show it: `workflows.http.routes[0].path`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[\w-]+$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** The path that `formatPath` wrote. Numbers between dots come back as keys. */
export function parsePath(text: string): Path {
  const parts = text.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([\w-]+)/g);
  return [...parts].map(([, index, quoted, plain = ""]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? plain : String(JSON.parse(quoted));
  });
}

/** Sorts by place, errors before warnings at the same place. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) =>
    a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column ||
    a.severity.localeCompare(b.severity)
  );
}

/** Whether any problem keeps the document from being used. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === "error");
}

/** One problem as a terminal shows it, in one or two lines. */
export function formatProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const head =
    `${place}  ${problem.severity}  ${problem.code}  ${problem.message}`;
  const tail = [
    problem.nearest === undefined ? "" : `Did you mean "${problem.nearest}"?`,
    problem.help ?? "",
  ].filter((text) => text !== "").join("  ");
  return tail === "" ? head : `${head}\n    ${tail}`;
}
