/**
 * `wfctl inspect`: what a document becomes.
 *
 * @module
 */
import {
  type Catalog,
  ConfigError,
  describePlan,
  type Plan,
  type PlanEdge,
} from "../engine/mod.ts";
import { printFailure } from "./command_line.ts";
import { mermaid } from "./mermaid.ts";
import { readDocument } from "./read_documents.ts";
import { loadHere } from "./validate.ts";

/** Prints the plan of a document. Returns the exit code. */
export async function inspect(
  catalog: Catalog,
  path: string,
  flags: { readonly json?: boolean; readonly graph?: boolean },
): Promise<number> {
  const source = await readDocument(path);
  const { plan, problems } = await loadHere(catalog, source);
  if (!plan) {
    printFailure(new ConfigError(problems), "there is no plan");
    return 1;
  }
  if (flags.json) console.log(JSON.stringify(describePlan(plan), null, 2));
  else console.log(flags.graph ? mermaid(plan) : describe(plan));
  return 0;
}

function describe(plan: Plan): string {
  const width = Math.max(0, ...plan.modules.map(({ name }) => name.length));
  const order = plan.modules.map(({ name, type }, index) =>
    `  ${String(index + 1).padStart(3)}  ${name.padEnd(width)}  ${type}`
  );
  const edges = plan.edges.map((edge) => `  ${edgeText(edge)}`);
  return [
    `${plan.id}  ${plan.fingerprint}`,
    "",
    `Start order (${plan.modules.length} modules)`,
    ...order,
    "",
    `Edges (${plan.edges.length}; a dashed one is implied)`,
    ...edges,
  ].join("\n");
}

function edgeText({ source, target, kind, label, implied }: PlanEdge): string {
  const arrow = implied ? "- ->" : "───>";
  const what = [kind, label].filter((text) => text !== "").join(" ");
  return `${source} ${arrow} ${target}  (${what})`;
}
