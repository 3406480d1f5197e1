/**
 * Who sees what an operation changes.
 *
 * @module
 */
import { isMap } from "yaml";
import type { Operation } from "./operation.ts";
import type { Path } from "./problem.ts";
import {
  allPlaces,
  mergedInto,
  type Place,
  placeIn,
  trail,
} from "./shared_places.ts";
import type { SourceTree } from "./source_tree.ts";
import { isMap as isPlainMap } from "./value_path.ts";

/** The paths at which an operation would show, in the order of the text. */
export function usersOf(
  tree: SourceTree,
  operation: Operation,
): readonly Path[] {
  const { path } = operation;
  if (tree.targets.size === 0 || path.length === 0) return [path];
  const places = trail(tree, path);
  const last = places.length === path.length ? places.at(-1) : undefined;
  if (last === undefined) return [path];
  const sees = seerOf(tree, operation, last);
  return [...allPlaces(tree)].filter(sees).map(({ path }) => path);
}

function seerOf(
  tree: SourceTree,
  operation: Operation,
  { node, collection, index }: Place,
): (place: Place) => boolean {
  switch (operation.do) {
    case "remove":
    case "rename":
      return (place) =>
        place.collection === collection && place.index === index;
    case "add":
      return (place) =>
        place.node === node ||
        (isMap(place.node) && isMap(node) &&
          mergedInto(tree, place.node).includes(node) &&
          Object.keys(operation.entries).some((key) =>
            placeIn(tree, place.node, [...place.path, key]) === undefined
          ));
    default:
      return (place) => place.node === node;
  }
}

/** Whether an operation would change what other maps merge beyond its value. */
export function breaksMerge(tree: SourceTree, operation: Operation): boolean {
  const place = trail(tree, operation.path).at(-1);
  if (tree.targets.size === 0 || place === undefined) return false;
  const merged = operation.do === "rename"
    ? place.collection
    : operation.do === "replace" && !isPlainMap(operation.value)
    ? place.node
    : undefined;
  return isMap(merged) &&
    [...allPlaces(tree)].some(({ node }) =>
      isMap(node) && mergedInto(tree, node).includes(merged)
    );
}
