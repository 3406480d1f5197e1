/**
 * The modules of a document by category: each category is a container, shut or
 * open. It is a way to look at them and changes nothing of them.
 *
 * @module
 */
import type { Shape } from "./arrange.ts";
import type { Holds } from "./boxes.ts";
import { type Bundle, bundlesOf } from "./bundles.ts";
import type { Graph, GraphModule } from "./graph.ts";
import { CATEGORIES } from "../../engine/derive/category.ts";
import { lookOf } from "./look.ts";

/** The modules of one category. */
export interface Container {
  /** What it is called on the canvas, among modules. */
  readonly id: string;
  readonly title: string;
  readonly modules: readonly GraphModule[];
  /** Whether its cards are shown. */
  readonly isOpen: boolean;
}

/** What the id of each begins with. */
const PREFIX = "container:";

/** The title of a container, by its id; another name is its own. */
export function containerTitle(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

/** The containers that have modules, in the order of the palette. */
export function containersOf(
  modules: readonly GraphModule[],
  open: ReadonlySet<string>,
): readonly Container[] {
  const all = Map.groupBy(modules, ({ type }) => lookOf(type).title);
  return CATEGORIES.flatMap((title) => {
    const own = all.get(title);
    return own === undefined ? [] : [{
      ...{ id: PREFIX + title, title, modules: own },
      isOpen: open.has(title),
    }];
  });
}

/** What the open containers hold. */
export function holdsOf(containers: readonly Container[]): Holds {
  return Object.fromEntries(
    containers.filter(({ isOpen }) => isOpen).map(({ id, modules }) => [
      id,
      modules.map(({ name }) => name),
    ]),
  );
}

/**
 * The ties of what is shown. Those with an end in a shut container lead to the
 * container; what runs side by side then is one, and what stays inside is none.
 */
export function shownTies(
  edges: Graph["edges"],
  containers: readonly Container[],
): readonly Bundle[] {
  const shut = new Map(
    containers.filter(({ isOpen }) => !isOpen).flatMap(({ id, modules }) =>
      modules.map(({ name }) => [name, id] as const)
    ),
  );
  const shown: Bundle[] = [];
  const merged = new Map<string, Bundle[]>();
  for (const bundle of bundlesOf(edges)) {
    const source = shut.get(bundle.source) ?? bundle.source;
    const target = shut.get(bundle.target) ?? bundle.target;
    if (source === target) continue;
    const isWhole = source === bundle.source && target === bundle.target;
    if (isWhole) {
      shown.push(bundle);
      continue;
    }
    const id = JSON.stringify([source, target]);
    const moved = { ...bundle, id, source, target };
    merged.set(id, [...merged.get(id) ?? [], moved]);
  }
  return [...shown, ...[...merged.values()].flatMap(mergedBundle)];
}

/** The shape of what is shown. */
export function shownShape(
  containers: readonly Container[],
  ties: readonly Bundle[],
): Shape {
  return {
    names: containers.flatMap(({ id, modules, isOpen }) =>
      isOpen ? modules.map(({ name }) => name) : [id]
    ),
    ties: ties.map(({ source, target }) => [source, target]),
  };
}

function mergedBundle(bundles: readonly Bundle[]): readonly Bundle[] {
  const [first] = bundles;
  if (first === undefined) return [];
  const edges = bundles.flatMap((bundle) => bundle.edges);
  const unique = new Map(
    edges.map((edge) => [
      JSON.stringify([edge.source, edge.target, edge.path]),
      edge,
    ]),
  );
  return [{
    ...first,
    edges: [...unique.values()],
    carries: bundles.some(({ carries }) => carries),
    isImplied: bundles.every(({ isImplied }) => isImplied),
    isMerged: true,
    label: unique.size === 1 ? first.label : `${unique.size} ties`,
  }];
}
