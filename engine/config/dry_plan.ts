/**
 * What a document comes to without an environment: for those who look at it while
 * it is edited. Variables and secrets have no value here.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import { type Plan, plan } from "../plan.ts";
import type { Document } from "./document.ts";
import { expand } from "./expand.ts";
import { nameProblems } from "./names.ts";
import type { Problem } from "./problem.ts";
import { validate } from "./validate.ts";

/** The plan, also of a document with errors, and what is wrong with it. */
export function dryPlan(
  document: Document,
  catalog: Catalog,
): { readonly plan: Plan; readonly problems: readonly Problem[] } {
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  const expanded = expand(document, sources);
  const { config, problems } = validate(document, expanded, catalog);
  const planned = plan(config);
  return {
    plan: planned.plan,
    problems: [...problems, ...nameProblems(config), ...planned.problems],
  };
}
