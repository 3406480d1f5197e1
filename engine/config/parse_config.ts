/**
 * Checks one config against its definition, and forgives what older documents
 * and environment variables bring along: inert keys, unknown keys, empty
 * values, numbers and booleans written as strings.
 *
 * @module
 */
import type { z } from "zod";
import type { Issue } from "../define.ts";
import { inertSteps } from "../derive/inert_keys.ts";
import { jsonSchema } from "../derive/json_schema.ts";
import type { Document } from "./document.ts";
import type { Unset } from "./expand.ts";
import { issueProblem, unsetProblem } from "./issue_problem.ts";
import { flatten, mend } from "./mend.ts";
import { nearestName } from "./nearest.ts";
import type { Path, Problem } from "./problem.ts";
import { partAt } from "./references.ts";
import { placeIn } from "./config_place.ts";
import { isMap, isSamePath, removeAt, valueAt } from "./value_path.ts";

/** What the check needs to know of its surroundings. */
export interface ConfigContext {
  readonly document: Document;
  /** Where the config stands in the document. */
  readonly path: Path;
  /** Keys of the config that stand beside it in the document. @default {none} */
  readonly beside?: readonly string[];
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
  const value: unknown = structuredClone(raw ?? {});
  if (isMap(value)) {
    delete value.description;
    problems.push(...removeInert(value, definition, context));
  }
  for (let round = 1;; round++) {
    const result = definition.config.safeParse(value);
    if (result.success) {
      problems.push(
        ...unsetSecrets(definition, context),
        ...semanticProblems(definition, result.data, context),
      );
      const config = result.data as Record<string, unknown>;
      return { config, problems: mergeMisspelt(problems) };
    }
    const issues = result.error.issues.flatMap(flatten);
    const mended = round < ROUNDS_MAX
      ? mend(value, issues, definition, context)
      : { changed: false, problems: [] };
    problems.push(...mended.problems);
    if (mended.changed) continue;
    for (const issue of issues) {
      const problem = issueProblem(issue, value, definition, context);
      if (problem) problems.push(problem);
    }
    const config = isMap(value) ? value : {};
    return { config, problems: mergeMisspelt(problems) };
  }
}

/** A secret may be left out, but one that is asked for must be there. */
function unsetSecrets(
  definition: Checkable,
  context: ConfigContext,
): Problem[] {
  if (!context.mustBeSet) return [];
  const { path } = context;
  const here = context.unset
    .filter((unset) => isSamePath(unset.path.slice(0, path.length), path));
  if (here.length === 0) return [];
  const schema = jsonSchema(definition.config);
  return here
    .filter((unset) =>
      unset.name.startsWith("secret://") ||
      partAt(schema, unset.path.slice(path.length))?.secret
    )
    .map((unset) => unsetProblem(unset, context.document, "error"));
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
      path: placeIn(context, issue.path),
      message: issue.message,
      help: issue.help,
      severity: issue.severity ?? "error",
      ...nearestOf(issue, config),
    })
  );
}

/** What stands where an issue knows the names that would do, and the nearest. */
function nearestOf({ candidates, path }: Issue, config: unknown) {
  const found = candidates && valueAt(config, path);
  return typeof found === "string"
    ? { found, nearest: nearestName(found, candidates ?? []) }
    : {};
}

/** Takes out keys that have no effect, and says so. */
function removeInert(
  value: unknown,
  definition: Checkable,
  context: ConfigContext,
): Problem[] {
  const problems: Problem[] = [];
  for (const [pattern, reason] of Object.entries(definition.inert ?? {})) {
    for (const path of matching(value, inertSteps(pattern), [])) {
      removeAt(value, path);
      problems.push(context.document.problem({
        code: "inert-key",
        severity: context.strict ? "error" : "warning",
        mark: "key",
        path: placeIn(context, path),
        message: `"${path.at(-1)}" has no effect in ${context.type}: ${reason}`,
        help: "Remove it",
        docs: context.docs,
      }));
    }
  }
  return problems;
}

function matching(
  value: unknown,
  pattern: readonly string[],
  path: Path,
): Path[] {
  const [head, ...rest] = pattern;
  if (head === undefined) return [path];
  if (Array.isArray(value)) {
    if (head !== "*") return [];
    return value.flatMap((item, index) =>
      matching(item, rest, [...path, index])
    );
  }
  if (!isMap(value)) return [];
  const keys = head === "*"
    ? Object.keys(value)
    : Object.hasOwn(value, head)
    ? [head]
    : [];
  return keys.flatMap((key) => matching(value[key], rest, [...path, key]));
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
    const isUnknown = problem.code === "ineffective-key" ||
      problem.code === "unknown-key";
    const lost = isUnknown
      ? missing.find(({ path }) =>
        problem.nearest === lastOf(path) &&
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

function lastOf(path: string): string | undefined {
  return /[^.[\]]+$/.exec(path)?.[0];
}
