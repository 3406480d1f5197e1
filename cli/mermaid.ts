/**
 * A plan as a Mermaid flowchart, for README files and reviews.
 *
 * @module
 */
import type { Plan } from "../engine/mod.ts";

/**
 * Draws modules and what flows between them: dotted arrows are references, and
 * flows that the document does not state. Edges that carry the same are drawn
 * once.
 */
export function mermaid(plan: Plan): string {
  const ids = new Map(
    plan.modules.map(({ name }, index) => [name, `m${index}`]),
  );
  const nodes = plan.modules.map(({ name, type }) =>
    `  ${ids.get(name)}["${escape(name)}<br/><small>${escape(type)}</small>"]`
  );
  const edges = new Set<string>();
  for (const { source, target, kind, label, implied } of plan.edges) {
    if (kind === "middleware" || kind === "dependsOn") continue;
    const isFlow = kind !== "ref";
    const arrow = isFlow && !implied ? "-->" : "-.->";
    const text = isFlow && label !== "" ? `|"${escape(label)}"|` : "";
    edges.add(`  ${ids.get(source)} ${arrow}${text} ${ids.get(target)}`);
  }
  return ["flowchart LR", ...nodes, ...edges].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
