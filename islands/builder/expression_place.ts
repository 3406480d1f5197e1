/**
 * Where expressions stand in a document, and what is known of the place.
 *
 * @module
 */
import type { FormField } from "../../engine/derive/form.ts";
import { formatPath, type Path } from "../../engine/config/problem.ts";
import type { CelVariables } from "../../engine/expression/environment.ts";

/** A place at which an expression may stand. */
export interface ExpressionPlace {
  readonly path: Path;
  /** The whole text is one, without braces. */
  readonly isBare: boolean;
  /** What it may speak of; absent where the engine must be asked. */
  readonly variables: CelVariables | undefined;
  /** Places with one name have the same variables, and one sample. */
  readonly scope: string;
}

/** Controls whose text may hold expressions where a step is given something. */
const TEXTS: ReadonlySet<string> = new Set([
  ...["string", "template", "url", "path", "code", "json", "map", "list"],
  ...["variants", "number", "boolean", "select", "reference", "duration"],
]);

/** The place of a field; `undefined` where no expression may stand. */
export function expressionPlace(
  field: Pick<FormField, "type" | "variables" | "variants">,
  path: Path,
): ExpressionPlace | undefined {
  const isBare = field.type === "expression" ||
    (field.variants?.some(({ type }) => type === "expression") ?? false);
  const isGiven = path[0] === "pipelines" && isInValues(path);
  const mayHold = field.type === "template" ||
    (isGiven && TEXTS.has(field.type));
  if (!isBare && !mayHold) return undefined;
  const variables = field.variables;
  // An expression of a value that is given is the business of who takes it.
  if (isBare && isGiven && variables === undefined) return undefined;
  if (variables === undefined && path[0] !== "pipelines") return undefined;
  return { path, isBare, variables, scope: scopeOf(path, variables) };
}

/** Whether a place is within what a step is given, or what a pipeline yields. */
function isInValues(path: Path): boolean {
  return path[2] === "output" ||
    path.some((part, index) =>
      part === "with" &&
      (typeof path[index - 1] === "number" || path[index - 1] === "compensate")
    );
}

function scopeOf(path: Path, variables: CelVariables | undefined): string {
  if (variables !== undefined) return formatPath(path);
  const last = path.findLastIndex((part, index) =>
    part === "compensate" ||
    (typeof part === "number" && path[index - 1] !== "switch" &&
      !path.slice(0, index).includes("with"))
  );
  return formatPath(path.slice(0, last < 0 ? 3 : last + 1));
}
