/**
 * The plan of each example document as a file beside it, so that a change of
 * what a document means shows in review.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { Catalog } from "../../engine/catalog.ts";
import { formatProblem } from "../../engine/config/problem.ts";
import { parse } from "../../engine/config/parse.ts";
import { loadWhole } from "../../engine/load_whole.ts";
import { describePlan } from "../../engine/derive/describe_plan.ts";

/** What became of the documents. */
export interface GoldenPlans {
  /** The text of each plan by its path. */
  readonly plans: ReadonlyMap<string, string>;
  /** The problems of the documents that cannot be planned. */
  readonly faults: readonly string[];
}

/**
 * Plans documents. Nothing is taken from the environment.
 *
 * @param documents The text of each document by its path from the root.
 * @param root Where the files beside them lie.
 */
export async function goldenPlans(
  documents: ReadonlyMap<string, string>,
  catalog: Catalog,
  root: string,
): Promise<GoldenPlans> {
  const plans = new Map<string, string>();
  const faults: string[] = [];
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  for (const [file, text] of documents) {
    const { plan, problems } = await loadWhole(parse(text, file), {
      ...{ catalog, sources },
      folder: `${dirname(join(root, file))}/`,
    });
    if (plan === undefined) faults.push(...problems.map(formatProblem));
    else {
      const json = JSON.stringify(describePlan(plan), null, 2);
      plans.set(planOf(file), `${json}\n`);
    }
  }
  return { plans, faults };
}

/** The path of the plan of a document. */
export function planOf(file: string): string {
  return file.replace(/\.ya?ml$/, ".plan.json");
}
