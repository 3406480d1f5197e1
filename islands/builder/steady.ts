/**
 * What says the same as before stays the same object: only what has changed is
 * arranged and drawn anew.
 *
 * @module
 */
import type { Graph, GraphModule } from "./graph.ts";

/** The next graph, made of the parts of the one before where they are alike. */
export function steadyGraph(before: Graph | undefined, next: Graph): Graph {
  if (before === undefined) return next;
  const known = new Map(before.modules.map((module) => [module.name, module]));
  const modules = next.modules.map((module) => {
    const old = known.get(module.name);
    return old && isSameModule(old, module) ? old : module;
  });
  const isSame = hasSame(before.modules, modules);
  const hasSameEdges = hasSame(before.edges, next.edges);
  if (isSame && hasSameEdges) return before;
  return {
    modules: isSame ? before.modules : modules,
    edges: hasSameEdges ? before.edges : next.edges,
  };
}

function isSameModule(one: GraphModule, other: GraphModule): boolean {
  return one.type === other.type && one.index === other.index &&
    JSON.stringify(one.config) === JSON.stringify(other.config);
}

/** Whether two lists hold the same, in the same order. */
export function hasSame(
  one: readonly unknown[],
  other: readonly unknown[],
): boolean {
  return one.length === other.length &&
    one.every((each, index) => each === other[index]);
}
