/**
 * Gives a place that is shared a text of its own: a copy in place of an alias, a
 * key in place of a merged one, or an anchor that moves on to its next user.
 *
 * @module
 */
import { isMap, type Node } from "yaml";
import { parentOf, promote } from "./anchored_text.ts";
import { applyOperation, type Operation } from "./operation.ts";
import { removeEntry, splicesOf } from "./operation_splices.ts";
import type { Path } from "./problem.ts";
import { entryAt } from "./replace_value.ts";
import {
  mergedInto,
  type Place,
  placeIn,
  placesOf,
  trail,
} from "./shared_places.ts";
import type { SourceTree } from "./source_tree.ts";
import { isMergeKey } from "./structure.ts";
import type { Splice } from "./splice.ts";
import { valueAt } from "./value_path.ts";

/** The splices, and whether they have made the operation as well. */
export interface Overridden {
  readonly splices: readonly Splice[];
  readonly isDone: boolean;
}

/** Takes one step towards an operation that nobody else sees. */
export function override(tree: SourceTree, operation: Operation): Overridden {
  const isOfEntry = operation.do === "remove" || operation.do === "rename";
  for (const place of trail(tree, operation.path)) {
    const isLast = place.path.length === operation.path.length;
    if (place.isMerged) {
      return isLast && isOfEntry
        ? { splices: withoutMerge(tree, place), isDone: false }
        : copied(tree, operation, place);
    }
    if (isLast && isOfEntry) {
      if (!isHiding(tree, operation)) break;
      return { splices: withoutMerge(tree, place), isDone: false };
    }
    if (place.written !== place.node) return copied(tree, operation, place);
    const [alias] = tree.aliasesOf(place.node);
    if (alias !== undefined) {
      return { splices: handOn(tree, place, alias), isDone: false };
    }
  }
  return { splices: splicesOf(tree, operation), isDone: true };
}

/** Writes what the place shows, with the operation made. */
function copied(
  tree: SourceTree,
  operation: Operation,
  { path, isMerged }: Place,
): Overridden {
  const inner = { ...operation, path: operation.path.slice(path.length) };
  const value = applyOperation(valueAt(tree.value, path), inner);
  const own: Operation = isMerged
    ? {
      do: "add",
      path: path.slice(0, -1),
      entries: Object.fromEntries([[String(path.at(-1)), value]]),
    }
    : { do: "replace", path, value };
  return {
    splices: splicesOf(tree, own, { isAlias: !isMerged }),
    isDone: true,
  };
}

/** The next user holds the anchor, and this place is like any other. */
function handOn(
  tree: SourceTree,
  { node }: Place,
  alias: Parameters<typeof promote>[2],
): readonly Splice[] {
  const { anchor } = entryAt(parentOf(tree, node));
  if (anchor === undefined) return [];
  const { start, end } = anchor;
  const from = tree.text[start - 1] === " " ? start - 1 : start;
  return [{ start: from, end, text: "" }, ...promote(tree, node, alias)];
}

/** Whether an entry hides one that is merged, which would show without it. */
export function isHiding(tree: SourceTree, operation: Operation): boolean {
  if (operation.do !== "remove" && operation.do !== "rename") return false;
  const { path } = operation;
  const map = nodeAt(tree, path.slice(0, -1));
  return isMap(map) &&
    mergedInto(tree, map).some((merged) => {
      const hidden = placeIn(tree, merged, path);
      return hidden !== undefined && !hidden.isMerged;
    });
}

/** Writes merged keys into the map itself; then the merge goes. */
function withoutMerge(tree: SourceTree, { path }: Place): readonly Splice[] {
  const mapPath = path.slice(0, -1);
  const map = nodeAt(tree, mapPath);
  if (!isMap(map)) return [];
  const merged = placesOf(tree, map, mapPath).filter(({ isMerged }) =>
    isMerged
  );
  if (merged.length === 0) {
    const index = map.items.findIndex(({ key }) => isMergeKey(key));
    return removeEntry(tree, { collection: map, index });
  }
  const entries = Object.fromEntries(
    merged.map(({ path }) => [String(path.at(-1)), valueAt(tree.value, path)]),
  );
  return splicesOf(tree, { do: "add", path: mapPath, entries });
}

function nodeAt(tree: SourceTree, path: Path): Node | null | undefined {
  return path.length === 0 ? tree.root : trail(tree, path).at(-1)?.node;
}
