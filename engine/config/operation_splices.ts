/**
 * The splices of one operation on a text. They leave alone what others see: who
 * asks for them has settled that.
 *
 * @module
 */
import { isCollection, isMap, isPair, isScalar, type Node } from "yaml";
import { adopt, parentOf } from "./anchored_text.ts";
import { insertIntoBlock, removeFromBlock } from "./block_entries.ts";
import { emptyFlow, insertIntoFlow, removeFromFlow } from "./flow_entries.ts";
import { applyOperation, emptied, type Operation } from "./operation.ts";
import { moveSplices } from "./move_splices.ts";
import { blockLines, keyText } from "./print_value.ts";
import type { Path } from "./problem.ts";
import { entryAt, replaceValue, type Slot } from "./replace_value.ts";
import { type Place, trail } from "./shared_places.ts";
import { extentsOf, isBlock, nodeEnd } from "./source_lines.ts";
import {
  type Collection,
  isOdd,
  keyOf,
  type SourceTree,
} from "./source_tree.ts";
import { startOf } from "./text_style.ts";
import type { Splice } from "./splice.ts";

/** How a place is found. */
export interface SpliceOptions {
  /** An alias is replaced itself, and not what it stands for. */
  readonly isAlias?: boolean;
}

/** The splices of an operation, against the text of the tree. */
export function splicesOf(
  tree: SourceTree,
  operation: Operation,
  options: SpliceOptions = {},
): readonly Splice[] {
  const { path } = operation;
  if (operation.do === "replace") {
    return replace(tree, path, operation.value, options);
  }
  if (operation.do === "remove" || operation.do === "rename") {
    const slot = placeAt(tree, path);
    if (slot === undefined || isOdd(slot.collection, tree.text)) {
      return reprint(tree, path.slice(0, -1), operation);
    }
    return operation.do === "remove"
      ? removeEntry(tree, slot)
      : renameKey(tree, slot, operation.to);
  }
  const collection = path.length === 0 ? tree.root : placeAt(tree, path)?.node;
  if (!isCollection(collection) || isOdd(collection as Collection, tree.text)) {
    return reprint(tree, path, operation);
  }
  const target = collection as Collection;
  if (operation.do === "move") return moveSplices(tree, target, operation);
  const added = operation.do === "add" ? operation.entries : operation.values;
  if (target.items.length === 0) return fill(tree, target, added);
  const index = operation.do === "add" ? target.items.length : operation.index;
  return target.flow
    ? insertIntoFlow(tree, target, { index, added })
    : insertIntoBlock(tree, target, { index, added });
}

/** Takes an entry out of its map or list. */
export function removeEntry(
  tree: SourceTree,
  slot: Slot,
): readonly Splice[] {
  const { collection, index } = slot;
  const adopted = adopt(tree, entryAt(slot).value, { itself: true });
  if (collection.items.length > 1) {
    return [
      ...collection.flow
        ? removeFromFlow(tree, collection, index)
        : removeFromBlock(tree, collection, index),
      ...adopted,
    ];
  }
  const splices = collection.flow
    ? emptyFlow(collection)
    : fill(tree, collection, emptied(isMap(collection) ? {} : []) as object);
  return [...splices, ...adopted];
}

/** Where a path leads to, if it leads anywhere. */
function placeAt(tree: SourceTree, path: Path): Place | undefined {
  const places = trail(tree, path);
  return places.length === path.length ? places.at(-1) : undefined;
}

function replace(
  tree: SourceTree,
  path: Path,
  value: unknown,
  { isAlias = false }: SpliceOptions,
): readonly Splice[] {
  const place = placeAt(tree, path);
  if (path.length === 0) return printWhole(tree, value);
  if (place === undefined || isOdd(place.collection, tree.text)) {
    return reprint(tree, path.slice(0, -1), { do: "replace", path, value });
  }
  const { written, node } = place;
  const slot = isAlias || written === node ? place : parentOf(tree, node);
  return [
    ...replaceValue(tree, slot, value),
    // The anchor of the value itself stays.
    ...adopt(tree, entryAt(slot).value, { itself: false }),
  ];
}

/** Puts other content into a map or list, of which nothing stays. */
function fill(
  tree: SourceTree,
  collection: Collection,
  value: object,
): readonly Splice[] {
  const slot = tree.parentOf(collection);
  return slot === undefined
    ? printWhole(tree, value)
    : replaceValue(tree, slot, value);
}

/** Prints a map or list anew that is written in an unusual way. */
function reprint(
  tree: SourceTree,
  path: Path,
  operation: Operation,
): readonly Splice[] {
  const node = path.length === 0 ? tree.root : placeAt(tree, path)?.node;
  if (!node) return printWhole(tree, applyOperation(tree.value, operation));
  const inner = { ...operation, path: operation.path.slice(path.length) };
  return replaceNode(tree, node, applyOperation(tree.valueOf(node), inner));
}

/** Puts a value in the place of a node; what is odd around it is printed, too. */
function replaceNode(
  tree: SourceTree,
  node: Node,
  value: unknown,
): readonly Splice[] {
  const slot = tree.parentOf(node);
  if (slot === undefined) return printWhole(tree, value);
  const { collection, index } = slot;
  if (!isOdd(collection, tree.text)) {
    return [
      ...replaceValue(tree, slot, value),
      ...adopt(tree, node, { itself: false }),
    ];
  }
  const pair = collection.items[index];
  const key = isPair(pair) ? keyOf(pair) : index;
  const around = applyOperation(tree.valueOf(collection), {
    do: "replace",
    path: [key],
    value,
  });
  return replaceNode(tree, collection, around);
}

/** There is no other way: the text has no part that could stay. */
function printWhole(tree: SourceTree, value: unknown): readonly Splice[] {
  const { root, text, style } = tree;
  const printed = style.isJson
    ? JSON.stringify(value, null, style.mapStep)
    : blockLines(value, { style }).join("\n");
  const all = printed.replaceAll("\n", style.lineEnd);
  if (root === null) {
    // Comments are all that there is.
    const isOpen = text !== "" && !text.endsWith("\n");
    const around = isOpen
      ? [style.lineEnd, ""]
      : ["", text === "" ? "" : style.lineEnd];
    const { length } = text;
    return [{ start: length, end: length, text: around.join(all) }];
  }
  const start = startOf(root);
  const isBehind = start > 0 && text[start - 1] !== "\n";
  return [{
    start,
    end: Math.max(start, rootEnd(root, text)),
    text: `${isBehind ? " " : ""}${all}`,
  }];
}

function rootEnd(root: Node, text: string): number {
  if (isBlock(root)) {
    return extentsOf(root, text).at(-1)?.end ?? nodeEnd(root, text);
  }
  return isCollection(root) || isScalar(root)
    ? nodeEnd(root, text)
    : root.range?.[1] ?? text.length;
}

function renameKey(
  tree: SourceTree,
  { collection, index }: Slot,
  to: string,
): readonly Splice[] {
  const pair = collection.items[index];
  const key = (pair as { key?: unknown } | undefined)?.key;
  const [start, end] = (key as Node | undefined)?.range ?? [0, 0];
  const quotes = isScalar(key) ? key.type : undefined;
  return [{ start, end, text: keyText(to, { style: tree.style, quotes }) }];
}
