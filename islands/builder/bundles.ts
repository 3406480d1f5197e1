/**
 * Ties between the same two modules, drawn as one.
 *
 * @module
 */
import { ends } from "./arrange.ts";
import type { GraphEdge } from "./graph.ts";

/** Several ties that run side by side. */
export interface Bundle {
  /** The path of the first. */
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** Whether something moves along it while the application runs. */
  readonly carries: boolean;
  readonly isImplied: boolean;
  /** Short; what all have in common where there are several. */
  readonly label: string;
  readonly edges: readonly GraphEdge[];
  /** Not all of them have these two ends: they lie in what is drawn. */
  readonly isMerged?: boolean;
}

/** Characters of a label on the canvas. */
const LABEL_CHARACTERS_MAX = 20;

/** Kinds that refer to a module without anything moving there. */
const REFERS: ReadonlySet<string> = new Set(["ref", "dependsOn"]);

/** The ties of a graph, those between the same two modules together. */
export function bundlesOf(edges: readonly GraphEdge[]): readonly Bundle[] {
  const bundles = new Map<string, GraphEdge[]>();
  for (const edge of edges) {
    const [source, target] = ends(edge.kind, edge.source, edge.target);
    const key = JSON.stringify([source, target, !REFERS.has(edge.kind)]);
    const bundle = bundles.get(key);
    if (bundle) bundle.push(edge);
    else bundles.set(key, [edge]);
  }
  return [...bundles.values()].flatMap((bundle) => {
    const [first] = bundle;
    return first === undefined ? [] : [asBundle(first, bundle)];
  });
}

function asBundle(first: GraphEdge, edges: readonly GraphEdge[]): Bundle {
  const [source, target] = ends(first.kind, first.source, first.target);
  return {
    id: first.path,
    ...{ source, target, edges },
    carries: !REFERS.has(first.kind),
    isImplied: edges.every(({ implied }) => implied),
    label: edges.length === 1
      ? short(first.label || first.kind)
      : `${edges.length} ${plural(first.kind)}`,
  };
}

function short(text: string): string {
  return text.length > LABEL_CHARACTERS_MAX
    ? `${text.slice(0, LABEL_CHARACTERS_MAX - 1)}…`
    : text;
}

function plural(kind: string): string {
  return kind.endsWith("s") || kind === "middleware" ? kind : `${kind}s`;
}
