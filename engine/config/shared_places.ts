/**
 * Which places of a document show one and the same text, through aliases and
 * merge keys: a change of that text changes all of them.
 *
 * @module
 */
import { isMap, isNode, isSeq, type Node, type YAMLMap } from "yaml";
import type { Path } from "./problem.ts";
import { type Collection, keyOf, type SourceTree } from "./source_tree.ts";
import { isMergeKey } from "./structure.ts";

/** One value of a document, and where it is written. */
export interface Place {
  readonly path: Path;
  /** Where it is written. */
  readonly collection: Collection;
  readonly index: number;
  /** What is written there, maybe an alias. */
  readonly written: Node;
  /** What that stands for. */
  readonly node: Node;
  /** It is written in a map that is merged into the one of the path. */
  readonly isMerged: boolean;
}

/** The place of a key or an index in a map or a list. */
export function placeIn(
  tree: SourceTree,
  node: Node,
  path: Path,
): Place | undefined {
  const part = path.at(-1);
  if (part === undefined) return undefined;
  if (isSeq(node)) {
    const written = node.items[Number(part)];
    return isNode(written)
      ? placeOf(tree, { path, collection: node, index: Number(part) }, written)
      : undefined;
  }
  if (!isMap(node)) return undefined;
  return placesInMap(tree, node, path.slice(0, -1))
    .find((place) => place.path.at(-1) === String(part));
}

/** The places on the way to a path, as far as they exist. */
export function trail(tree: SourceTree, path: Path): readonly Place[] {
  const places: Place[] = [];
  let node = tree.root;
  for (const index of path.keys()) {
    const place = node && placeIn(tree, node, path.slice(0, index + 1));
    if (!place) return places;
    places.push(place);
    node = place.node;
  }
  return places;
}

/** Every value of a document but the whole, in the order of the text. */
export function* allPlaces(
  tree: SourceTree,
  node: Node | null = tree.root,
  path: Path = [],
): Generator<Place> {
  for (const place of node ? placesOf(tree, node, path) : []) {
    yield place;
    yield* allPlaces(tree, place.node, place.path);
  }
}

/** The values right below a node that is shown at a path. */
export function placesOf(
  tree: SourceTree,
  node: Node,
  path: Path,
): readonly Place[] {
  if (isMap(node)) return placesInMap(tree, node, path);
  if (!isSeq(node)) return [];
  return node.items.flatMap((item, index) => {
    const at = { path: [...path, index], collection: node, index };
    return isNode(item) ? [placeOf(tree, at, item)] : [];
  });
}

/** The maps that are merged into a map, with those merged into them. */
export function mergedInto(
  tree: SourceTree,
  map: YAMLMap,
): readonly YAMLMap[] {
  return map.items.filter(({ key }) => isMergeKey(key)).flatMap(({ value }) => {
    const merged = isNode(value) ? tree.resolve(value) : undefined;
    const sources = isSeq(merged) ? merged.items : [merged];
    return sources.flatMap((source) => {
      const found = isNode(source) ? tree.resolve(source) : undefined;
      return isMap(found) ? [found, ...mergedInto(tree, found)] : [];
    });
  });
}

/** The own keys of a map, then those that it is given by merges. */
function placesInMap(
  tree: SourceTree,
  map: YAMLMap,
  path: Path,
): readonly Place[] {
  const places = new Map<string, Place>();
  for (const source of [map, ...mergedInto(tree, map)]) {
    for (const [index, pair] of source.items.entries()) {
      if (isMergeKey(pair.key) || !isNode(pair.value)) continue;
      const key = keyOf(pair);
      if (places.has(key)) continue;
      places.set(
        key,
        placeOf(
          tree,
          { path: [...path, key], collection: source, index },
          pair.value,
          source !== map,
        ),
      );
    }
  }
  return [...places.values()];
}

function placeOf(
  tree: SourceTree,
  at: Pick<Place, "path" | "collection" | "index">,
  written: Node,
  isMerged = false,
): Place {
  return { ...at, written, node: tree.resolve(written), isMerged };
}
