/**
 * Checks one config against its definition, and forgives what older documents
 * and environment variables bring along: inert keys, unknown keys, empty
 * values, numbers and booleans written as strings.
 *
 * @module
 */
import type { z } from "zod";
import type { Issue } from "../define.ts";
import { jsonSchema, type JsonSchema } from "../derive/json_schema.ts";
import type { Document } from "./document.ts";
import { nearestName } from "./nearest.ts";
import type { Path, Problem, Severity } from "./problem.ts";
import type { Unset } from "./expand.ts";
import { propertySchema } from "./references.ts";

/** What the check needs to know of its surroundings. */
export interface ConfigContext {
  readonly document: Document;
  /** Where the config stands in the document. */
  readonly path: Path;
  /** What the problems call the definition, such as `http.server`. */
  readonly type: string;
  readonly docs: string;
  /** How unknown and inert keys are taken. */
  readonly strict: boolean;
  readonly unset: readonly Unset[];
  /** Unset variables are errors where the field needs them. */
  readonly mustBeSet: boolean;
}

/** The parts of a definition that the check reads. */
export interface Checkable {
  readonly config: z.ZodType;
  readonly inert?: Readonly<Record<string, string>>;
  readonly check?: (config: never) => readonly Issue[];
}

/** The outcome: a config with defaults filled in, where nothing stood against it. */
export interface ParsedConfig {
  readonly config: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** Each round mends one layer of what zod reports. */
const ROUNDS_MAX = 8;

/** Checks `raw` against a definition. */
export function parseConfig(
  definition: Checkable,
  raw: unknown,
  context: ConfigContext,
): ParsedConfig {
  const problems: Problem[] = [];
  const value = structuredClone(raw ?? {}) as Record<string, unknown>;
  if (isObject(value)) {
    delete value.description;
    removeInert(value, definition, context, problems);
  }
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const result = definition.config.safeParse(value);
    if (result.success) {
      problems.push(...semanticProblems(definition, result.data, context));
      return { config: result.data as Record<string, unknown>, problems };
    }
    const issues = result.error.issues;
    const isLast = round === ROUNDS_MAX - 1;
    if (isLast || !mend(value, issues, context, definition, problems)) {
      problems.push(...issues.flatMap((issue) => issueProblems(issue, value, context)));
      break;
    }
  }
  return { config: isObject(value) ? value : {}, problems: mergeMisspelt(problems) };
}

function semanticProblems(
  definition: Checkable,
  config: unknown,
  context: ConfigContext,
): Problem[] {
  const issues = definition.check?.(config as never) ?? [];
  return issues.map((issue) =>
    context.document.problem({
      code: issue.code,
      path: [...context.path, ...issue.path],
      message: issue.message,
      help: issue.help,
      severity: issue.severity ?? "error",
    })
  );
}

/** Takes out keys that have no effect, and says so. */
function removeInert(
  value: Record<string, unknown>,
  definition: Checkable,
  context: ConfigContext,
  problems: Problem[],
): void {
  for (const [pattern, reason] of Object.entries(definition.inert ?? {})) {
    for (const path of matching(value, pattern.replaceAll("[]", ".*").split("."), [])) {
      remove(value, path);
      problems.push(context.document.problem({
        code: "inert-key",
        severity: context.strict ? "error" : "warning",
        mark: "key",
        path: [...context.path, ...path],
        message: `"${path.at(-1)}" has no effect in ${context.type}: ${reason}`,
        help: "Remove it",
        docs: context.docs,
      }));
    }
  }
}

function matching(value: unknown, pattern: readonly string[], path: Path): Path[] {
  const [head, ...rest] = pattern;
  if (head === undefined) return [path];
  if (Array.isArray(value)) {
    if (head !== "*") return [];
    return value.flatMap((item, index) => matching(item, rest, [...path, index]));
  }
  if (!isObject(value)) return [];
  const keys = head === "*" ? Object.keys(value) : Object.hasOwn(value, head) ? [head] : [];
  return keys.flatMap((key) => matching(value[key], rest, [...path, key]));
}

/** Mends what can be mended without guessing. Whether anything was. */
function mend(
  value: unknown,
  issues: readonly z.core.$ZodIssue[],
  context: ConfigContext,
  definition: Checkable,
  problems: Problem[],
): boolean {
  let mended = false;
  for (const issue of issues) {
    const path = issue.path as Path;
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        problems.push(unknownKey([...path, key], context, definition));
        remove(value, [...path, key]);
      }
      mended = true;
    } else if (issue.code === "invalid_type") {
      const found = at(value, path);
      const replacement = coerce(found, issue.expected);
      if (replacement !== undefined) {
        assign(value, path, replacement);
        mended = true;
      } else if (found === null && path.length > 0) {
        // An empty value in YAML is null: the same as leaving the key out.
        remove(value, path);
        mended = typeof path.at(-1) === "string";
      }
    }
  }
  return mended;
}

function coerce(found: unknown, expected: string): number | boolean | undefined {
  if (typeof found !== "string") return undefined;
  const text = found.trim();
  if (expected === "number" || expected === "int") {
    const number = Number(text);
    return text !== "" && Number.isFinite(number) ? number : undefined;
  }
  if (expected !== "boolean") return undefined;
  return text === "true" ? true : text === "false" ? false : undefined;
}

function unknownKey(
  path: Path,
  context: ConfigContext,
  definition: Checkable,
): Problem {
  const key = String(path.at(-1));
  const known = Object.keys(schemaAt(jsonSchema(definition.config), path.slice(0, -1)));
  const place = path.slice(0, -1).join(".");
  return context.document.problem({
    code: context.strict ? "unknown-key" : "ineffective-key",
    severity: context.strict ? "error" : "warning",
    mark: "key",
    path: [...context.path, ...path],
    message: `"${key}" is not a key of ${context.type}` +
      (place === "" ? "" : `, in "${place}"`),
    found: key,
    expected: known.length === 0 ? undefined : `one of ${known.join(", ")}`,
    nearest: nearestName(key, known),
    docs: context.docs,
  });
}

function schemaAt(schema: JsonSchema, path: Path): Readonly<Record<string, unknown>> {
  let here: JsonSchema | undefined = schema;
  for (const part of path) {
    here = typeof part === "number"
      ? here?.prefixItems?.[part] ?? here?.items
      : here && propertySchema(here, part);
    here = here?.anyOf?.find(isComposite) ?? here;
  }
  return here?.properties ?? {};
}

function isComposite(schema: JsonSchema): boolean {
  return schema.properties !== undefined || schema.items !== undefined;
}

/** The problems that one issue of zod stands for. */
function issueProblems(
  issue: z.core.$ZodIssue,
  value: unknown,
  context: ConfigContext,
): Problem[] {
  if (issue.code === "invalid_union") {
    const branch = closestBranch(issue);
    if (branch) {
      return branch.flatMap((inner) =>
        issueProblems({ ...inner, path: [...issue.path, ...inner.path] }, value, context)
      );
    }
  }
  const path = [...context.path, ...issue.path as Path];
  const found = at(value, issue.path as Path);
  const unset = context.unset.find((one) => samePath(one.path, path));
  if (unset && found === undefined) {
    return context.mustBeSet ? [unsetProblem(unset, context.document, "error")] : [];
  }
  const isMissing = found === undefined && issue.code === "invalid_type";
  const key = String(path.at(-1));
  return [context.document.problem({
    code: isMissing ? "missing-key" : "invalid-value",
    path,
    message: isMissing
      ? `${context.type} needs "${key}"`
      : `"${key}" of ${context.type} is not valid: ${plain(issue)}`,
    found: isMissing ? undefined : shorten(found),
    expected: expectation(issue),
    nearest: nearestValue(issue, found),
    docs: context.docs,
  })];
}

/** The branch of a union that got furthest into the value. */
function closestBranch(
  issue: z.core.$ZodIssueInvalidUnion,
): readonly z.core.$ZodIssue[] | undefined {
  const deep = issue.errors.filter((branch) =>
    branch.some(({ path }) => path.length > 0)
  );
  return deep.length === 1 ? deep[0] : undefined;
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

function expectation(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return TYPE_NAMES[issue.expected] ?? issue.expected;
    case "invalid_value":
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    default:
      return undefined;
  }
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

function plain(issue: z.core.$ZodIssue): string {
  const expected = expectation(issue);
  if (expected !== undefined) return `expected ${expected}`;
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
}

function nearestValue(issue: z.core.$ZodIssue, found: unknown): string | undefined {
  if (issue.code !== "invalid_value" || typeof found !== "string") return undefined;
  return nearestName(found, issue.values.map(String));
}

/**
 * A misspelt required key is two findings with one cause: the one that names
 * the nearest key stays, as an error, where the misspelt key stands.
 */
function mergeMisspelt(problems: readonly Problem[]): Problem[] {
  const missing = problems.filter(({ code }) => code === "missing-key");
  const merged = new Set<Problem>();
  const result: Problem[] = [];
  for (const problem of problems) {
    const isUnknown = problem.code === "ineffective-key" || problem.code === "unknown-key";
    const lost = isUnknown
      ? missing.find(({ path }) =>
        problem.nearest !== undefined && path.endsWith(problem.nearest) &&
        parentOf(path) === parentOf(problem.path)
      )
      : undefined;
    if (lost) merged.add(lost);
    result.push(
      lost ? { ...problem, code: "unknown-key", severity: "error" } : problem,
    );
  }
  return result.filter((problem) => !merged.has(problem));
}

function parentOf(path: string): string {
  return path.replace(/\.?[^.[\]]+$/, "");
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

function at(value: unknown, path: Path): unknown {
  let here = value;
  for (const part of path) {
    if (here === null || typeof here !== "object") return undefined;
    if (!Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string | number, unknown>)[part];
  }
  return here;
}

function assign(value: unknown, path: Path, replacement: unknown): void {
  const parent = at(value, path.slice(0, -1));
  const key = path.at(-1);
  if (parent !== null && typeof parent === "object" && key !== undefined) {
    (parent as Record<string | number, unknown>)[key] = replacement;
  }
}

function remove(value: unknown, path: Path): void {
  const parent = at(value, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof key === "string" && isObject(parent)) delete parent[key];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
