/**
 * Says what the schema library found in the words that problems have.
 *
 * @module
 */
import type { z } from "zod";
import { jsonSchema } from "../derive/json_schema.ts";
import type { Document } from "./document.ts";
import type { Unset } from "./expand.ts";
import { nearestName } from "./nearest.ts";
import { placeIn } from "./config_place.ts";
import type { Checkable, ConfigContext } from "./parse_config.ts";
import type { Path, Problem, Severity } from "./problem.ts";
import { partAt } from "./references.ts";
import { isSamePath, valueAt } from "./value_path.ts";

type ZodIssue = z.core.$ZodIssue;

/** The problem that an issue stands for, if it is one. */
export function issueProblem(
  issue: ZodIssue,
  value: unknown,
  definition: Checkable,
  context: ConfigContext,
): Problem | undefined {
  const path = placeIn(context, issue.path as Path);
  const found = valueAt(value, issue.path as Path);
  const unset = context.unset.find((one) => isSamePath(one.path, path));
  if (unset && (found === undefined || found === null)) {
    return context.mustBeSet
      ? unsetProblem(unset, context.document, "error")
      : undefined;
  }
  const isMissing = found === undefined && MISMATCHES.has(issue.code);
  const key = String(path.at(-1));
  const field = partAt(jsonSchema(definition.config), issue.path as Path);
  return context.document.problem({
    code: isMissing ? "missing-key" : "invalid-value",
    path,
    message: isMissing
      ? `${context.type} needs "${key}"`
      : `"${key}" of ${context.type} is not valid: ${plain(issue)}`,
    found: isMissing || field?.secret ? undefined : shorten(found),
    expected: expectation(issue),
    nearest: nearestValue(issue, found),
    docs: context.docs,
  });
}

/** The codes of issues with the kind of a value. */
const MISMATCHES: ReadonlySet<string> = new Set([
  "invalid_type",
  "invalid_value",
  "invalid_union",
]);

/** Whether a value as a whole is of another kind than a branch wants. */
export function isMismatch({ code, path }: ZodIssue): boolean {
  return path.length === 0 && MISMATCHES.has(code);
}

/** The problem of a key that the definition does not have. */
export function unknownKey(
  path: Path,
  definition: Checkable,
  context: ConfigContext,
): Problem {
  const key = String(path.at(-1));
  const parent = partAt(jsonSchema(definition.config), path.slice(0, -1));
  const known = parent?.propertyNames?.enum?.map(String) ??
    Object.keys(parent?.properties ?? {});
  const place = path.slice(0, -1).join(".");
  return context.document.problem({
    code: context.strict ? "unknown-key" : "ineffective-key",
    severity: context.strict ? "error" : "warning",
    mark: "key",
    path: placeIn(context, path),
    message: `"${key}" is not a key of ${context.type}` +
      (place === "" ? "" : `, in "${place}"`),
    found: key,
    expected: known.length === 0 ? undefined : `one of ${known.join(", ")}`,
    nearest: nearestName(key, known),
    docs: context.docs,
  });
}

/** The problem of a variable that has no value. */
export function unsetProblem(
  unset: Unset,
  document: Document,
  severity: Severity,
): Problem {
  const isSecret = unset.name.startsWith("secret://");
  return document.problem({
    code: "unset-variable",
    found: unset.name,
    severity,
    path: unset.path,
    message: isSecret
      ? `The secret "${unset.name}" is not set`
      : `The environment variable "${unset.name}" is not set`,
    help: isSecret
      ? "Set it where secrets are kept"
      : `Set it, or give a default: \${${unset.name}:-default}`,
  });
}

function expectation(issue: ZodIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return TYPE_NAMES[issue.expected] ?? issue.expected;
    case "invalid_value":
    case "invalid_union": {
      const values = valuesOf(issue);
      if (values.length > 0) return `one of ${values.map(show).join(", ")}`;
      if (issue.code === "invalid_value") return undefined;
      const wanted = issue.errors.flatMap((branch) =>
        branch.filter(isMismatch).map(expectation)
      );
      const names = new Set(wanted.filter((name) => name !== undefined));
      return names.size === 0 ? undefined : [...names].join(", or ");
    }
    default:
      return undefined;
  }
}

/** The closed list from which the value must be. */
function valuesOf(issue: ZodIssue): readonly unknown[] {
  if (issue.code === "invalid_value") return issue.values;
  if (issue.code !== "invalid_union") return [];
  return "options" in issue ? issue.options ?? [] : [];
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  array: "a list",
  object: "a map",
  record: "a map",
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function plain(issue: ZodIssue): string {
  const expected = expectation(issue);
  if (expected !== undefined) return `expected ${expected}`;
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
}

function nearestValue(issue: ZodIssue, found: unknown): string | undefined {
  if (typeof found !== "string") return undefined;
  return nearestName(found, valuesOf(issue).map(String));
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}

function shorten(value: unknown): string {
  const text = show(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
