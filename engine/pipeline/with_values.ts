/**
 * Checks what a step is given against the schema of what takes it, as far as it
 * is known when a document loads: where an expression stands, its value is
 * checked when the step runs.
 *
 * @module
 */
import { hasExpression } from "../expression/template.ts";
import {
  type Checkable,
  type ConfigContext,
  parseConfig,
} from "../config/parse_config.ts";
import { formatPath, type Path, type Problem } from "../config/problem.ts";
import { isMap } from "../config/value_path.ts";

/** What was written, checked. */
export interface CheckedValues {
  /** With defaults filled in; as it was written, if it holds expressions. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** Checks `raw`, which may hold expressions. */
export function checkValues(
  definition: Checkable,
  raw: Readonly<Record<string, unknown>>,
  context: ConfigContext,
): CheckedValues {
  const dynamic = expressionPaths(raw, []).map((path) =>
    formatPath([...context.path, ...path])
  );
  const { config, problems } = parseConfig(definition, raw, context);
  if (dynamic.length === 0) return { values: config, problems };
  return {
    values: raw,
    problems: problems.filter(({ path }) => !isAtOrAround(path, dynamic)),
  };
}

/** An alternative as a whole does not fit either, if a part of it is not known. */
function isAtOrAround(path: string, dynamic: readonly string[]): boolean {
  return dynamic.some((place) =>
    place === path || place.startsWith(`${path}.`) ||
    place.startsWith(`${path}[`)
  );
}

function expressionPaths(value: unknown, path: Path): Path[] {
  if (typeof value === "string") return hasText(value) ? [path] : [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      expressionPaths(item, [...path, index])
    );
  }
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    expressionPaths(item, [...path, key])
  );
}

function hasText(text: string): boolean {
  try {
    return hasExpression(text);
  } catch {
    // One that does not end is reported by whoever compiles it.
    return true;
  }
}
