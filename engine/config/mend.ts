/**
 * Mends what older documents and environment variables bring along and what can
 * be understood without guessing: unknown keys, empty values, numbers and
 * booleans written as strings.
 *
 * @module
 */
import type { z } from "zod";
import { jsonSchema } from "../derive/json_schema.ts";
import { isMismatch, unknownKey } from "./issue_problem.ts";
import type { Checkable, ConfigContext } from "./parse_config.ts";
import type { Path, Problem } from "./problem.ts";
import { partAt } from "./references.ts";
import { assignAt, removeAt, valueAt } from "./value_path.ts";

type ZodIssue = z.core.$ZodIssue;

/** One attempt at mending. */
export interface Mended {
  /** Whether anything was changed, so that another look is worth it. */
  readonly changed: boolean;
  /** What was left out on the way. */
  readonly problems: readonly Problem[];
}

/** Changes `value` where an issue can be mended. */
export function mend(
  value: unknown,
  issues: readonly ZodIssue[],
  definition: Checkable,
  context: ConfigContext,
): Mended {
  const problems: Problem[] = [];
  let changed = false;
  for (const issue of issues) {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        const path = [...issue.path as Path, key];
        problems.push(unknownKey(path, definition, context));
        removeAt(value, path);
      }
      changed = true;
    } else if (mendKind(value, issue, definition)) changed = true;
  }
  return { changed, problems };
}

function mendKind(
  value: unknown,
  issue: ZodIssue,
  definition: Checkable,
): boolean {
  if (!isMismatch({ ...issue, path: [] })) return false;
  const path = issue.path as Path;
  const found = valueAt(value, path);
  const expected = issue.code === "invalid_type" ? issue.expected : "";
  const replacement = coerce(found, expected);
  if (replacement !== undefined) {
    assignAt(value, path, replacement);
    return true;
  }
  if (found !== null || typeof path.at(-1) !== "string") return false;
  // An empty value in YAML is null. For a key of the definition that is the
  // same as leaving it out; a name of the author's own stands for an empty map.
  const parent = partAt(jsonSchema(definition.config), path.slice(0, -1));
  const isKey = Object.hasOwn(parent?.properties ?? {}, String(path.at(-1)));
  const isMap = expected === "object" || expected === "record";
  if (isMap && !isKey) assignAt(value, path, {});
  else removeAt(value, path);
  return true;
}

function coerce(
  found: unknown,
  expected: string,
): number | boolean | undefined {
  if (typeof found !== "string") return undefined;
  const text = found.trim();
  if (expected === "number" || expected === "int") {
    const number = Number(text);
    return text !== "" && Number.isFinite(number) ? number : undefined;
  }
  if (expected !== "boolean") return undefined;
  return text === "true" ? true : text === "false" ? false : undefined;
}

/**
 * The issues of a union are those of the one branch that wants a value of the
 * kind that was found; without such a branch, the issue itself.
 */
export function flatten(issue: ZodIssue): readonly ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const branches = issue.errors.filter((branch) => !branch.some(isMismatch));
  const [only] = branches;
  if (only === undefined || branches.length > 1) return [issue];
  return only.flatMap((inner) =>
    flatten({ ...inner, path: [...issue.path, ...inner.path] })
  );
}
