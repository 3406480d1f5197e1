/**
 * Puts another value in the place of one, with the comments beside it kept.
 *
 * @module
 */
import { isCollection, isScalar, isSeq, type Node } from "yaml";
import {
  blockLines,
  blockScalar,
  flowText,
  inlineText,
  isComposite,
  isFilled,
  jsonLines,
} from "./print_value.ts";
import {
  commentEnd,
  extentsOf,
  isBeforeSpaces,
  isBlock,
  lineEndAt,
  lineStartAt,
  nodeEnd,
} from "./source_lines.ts";
import {
  type Collection,
  entriesOf,
  type Entry,
  type SourceTree,
} from "./source_tree.ts";
import { columnOf, startOf } from "./text_style.ts";
import type { Splice } from "./splice.ts";

/** A place in a collection. */
export interface Slot {
  readonly collection: Collection;
  readonly index: number;
}

/** What is to stand in a place: on its line, or on lines below it. */
export type Content =
  | { readonly inline: string }
  | {
    /** Stands on the line of the key or the dash, e.g. an anchor. */
    readonly head?: string;
    /** From the first column on. */
    readonly lines: readonly string[];
    readonly isList: boolean;
  };

/** The splices that put `value` into a place. */
export function replaceValue(
  tree: SourceTree,
  slot: Slot,
  value: unknown,
): readonly Splice[] {
  const entry = entryAt(slot);
  return [
    ...withoutTag(entry, tree.text),
    ...put(tree, slot, contentFor(tree, slot, entry, value)),
  ];
}

/** A tag speaks of the value that goes. */
function withoutTag({ tag }: Entry, text: string): readonly Splice[] {
  if (tag === undefined) return [];
  const start = text[tag.start - 1] === " " ? tag.start - 1 : tag.start;
  return [{ start, end: tag.end, text: "" }];
}

/** The entry in a place. */
export function entryAt({ collection, index }: Slot): Entry {
  const entry = entriesOf(collection)[index];
  if (entry === undefined) throw new RangeError(`No entry at ${index}`);
  return entry;
}

/** The splices that put printed content into a place. */
export function put(
  tree: SourceTree,
  slot: Slot,
  content: Content,
): readonly Splice[] {
  const { text, style } = tree;
  const entry = entryAt(slot);
  const splice = "inline" in content
    ? inlineSplice(entry, slot, content.inline, text)
    : linesSplice(tree, entry, slot, content);
  return [{
    ...splice,
    text: splice.text.replaceAll(/\r?\n/g, style.lineEnd),
  }];
}

function contentFor(
  tree: SourceTree,
  { collection }: Slot,
  entry: Entry,
  value: unknown,
): Content {
  const { style, text } = tree;
  const old = entry.value;
  const end = Math.max(entry.valueFrom, nodeEnd(old, text));
  const place = { style, isBeforeSpaces: isBeforeSpaces(end, text) };
  if (collection.flow) {
    return {
      inline: isFilled(value)
        ? flowComposite(tree, collection, value)
        : inlineText(value, { ...place, quotes: typeOf(old), inFlow: true }),
    };
  }
  if (isFilled(value)) {
    // A copy looks like what the alias stood for.
    const model = tree.resolve(old);
    const staysFlow = isCollection(model) && model.flow === true &&
      (model.items.length > 0 || isListOfScalars(value)) &&
      !text.slice(startOf(model), nodeEnd(model, text)).includes("\n");
    const isFlow = staysFlow ||
      (style.flowLists && isListOfScalars(value) && !isBlock(model));
    return isFlow ? { inline: flowText(value, place) } : {
      lines: blockLines(value, place),
      isList: Array.isArray(value),
    };
  }
  const type = typeOf(old);
  if (
    typeof value === "string" && !place.isBeforeSpaces &&
    (type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED")
  ) {
    const block = sameBlock(tree, entry, value, type);
    if (block !== undefined) return { inline: block };
  }
  return {
    inline: inlineText(value, { ...place, quotes: type, inFlow: false }),
  };
}

/** A map or list in brackets; JSON on several lines where its parent is. */
export function flowComposite(
  { text, style }: SourceTree,
  parent: Collection,
  value: unknown,
): string {
  const [start, end] = parent.range ?? [0, 0];
  const isSpread = text.slice(start, end).includes("\n");
  if (!style.isJson || !isSpread) return flowText(value, { style });
  const first = entriesOf(parent)[0];
  const line = lineStartAt(first?.start ?? start, text);
  const indent = /^ */.exec(text.slice(line))?.[0] ?? "";
  return jsonLines(value, style, indent);
}

/** A text as a block with the header and the column of the present one. */
function sameBlock(
  { text, style }: SourceTree,
  entry: Entry,
  value: string,
  type: "BLOCK_LITERAL" | "BLOCK_FOLDED",
): string | undefined {
  const source = text.slice(startOf(entry.value), nodeEnd(entry.value, text));
  const lines = source.split(/\r?\n/);
  const head = /^[|>][-+\d]*(.*)$/.exec(lines[0] ?? "")?.[1] ?? "";
  const first = lines.slice(1).find((line) => line.trim() !== "");
  const column = first === undefined || /^[|>][-+]?\d/.test(source)
    ? columnOf(entry.start, text) + style.mapStep
    : first.length - first.trimStart().length;
  return blockScalar(value, { type, head, column });
}

function inlineSplice(
  entry: Entry,
  slot: Slot,
  inline: string,
  text: string,
): Splice {
  const { valueFrom, value } = entry;
  const start = startOf(value);
  const end = nodeEnd(value, text);
  if (isBlock(value) && isBelow(entry, text)) {
    const head = text.slice(valueFrom, lineEndAt(valueFrom, text)).trimEnd();
    return {
      start: valueFrom,
      end: blockEnd(slot, text),
      text: ` ${inline}${head}`,
    };
  }
  if (isBlock(value)) return { start, end: blockEnd(slot, text), text: inline };
  if (end <= Math.max(start, valueFrom)) {
    return { start: valueFrom, end: valueFrom, text: ` ${inline}` };
  }
  return { start, end, text: inline };
}

function linesSplice(
  tree: SourceTree,
  entry: Entry,
  slot: Slot,
  { head = "", lines, isList }: Exclude<Content, { inline: string }>,
): Splice {
  const { text, style } = tree;
  const { valueFrom, value, anchor } = entry;
  const own = columnOf(entry.start, text);
  const isItem = isSeq(slot.collection);
  const step = isItem ? 2 : isList ? style.listStep : style.mapStep;
  const sameKind = isBlock(value) && isSeq(value) === isList;
  const column = sameKind ? columnOf(startOf(value), text) : own + step;
  const comments = commentsOf(entry, text);
  const start = head === "" ? valueFrom : anchor?.start ?? valueFrom;
  const end = isBlock(value)
    ? blockEnd(slot, text)
    : Math.max(valueFrom, commentEnd(nodeEnd(value, text), text));
  const pad = " ".repeat(column);
  const body = lines.map((line) => line === "" ? "" : pad + line).join("\n");
  const canFollow = isItem && head === "" && comments.trim() === "" &&
    anchor === undefined;
  return {
    start,
    end,
    text: canFollow
      ? ` ${body.slice(own + 1).trimStart()}`
      : `${head === "" ? "" : ` ${head}`}${comments}\n${body}`,
  };
}

/** The comments on the line of the key and on that of the value, if it has one. */
function commentsOf(entry: Entry, text: string): string {
  const { valueFrom, value } = entry;
  const first = isBelow(entry, text)
    ? text.slice(valueFrom, lineEndAt(valueFrom, text)).trimEnd()
    : "";
  if (isBlock(value)) return first;
  const end = Math.max(valueFrom, nodeEnd(value, text));
  return first + text.slice(end, commentEnd(end, text));
}

/** Whether the value begins on a line below the key or the dash. */
function isBelow({ valueFrom, value }: Entry, text: string): boolean {
  return text.slice(valueFrom, startOf(value)).includes("\n");
}

/** Where a block ends, with the comments that are indented like it. */
function blockEnd({ collection, index }: Slot, text: string): number {
  return extentsOf(collection, text)[index]?.end ?? text.length;
}

function typeOf(node: Node) {
  return isScalar(node) ? node.type : undefined;
}

function isListOfScalars(value: unknown): boolean {
  return Array.isArray(value) && !value.some(isComposite);
}
