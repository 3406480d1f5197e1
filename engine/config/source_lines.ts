/**
 * Which lines of a text belong to an entry: its own, the comments right above it,
 * and what is indented deeper below it.
 *
 * @module
 */
import { isCollection, isScalar, type Node } from "yaml";
import { type Collection, entriesOf, type Entry } from "./source_tree.ts";
import { columnOf, startOf } from "./text_style.ts";

/** Where an entry of a block begins and ends, with what belongs to it. */
export interface Extent {
  /** The beginning of its first comment line, or of its own line. */
  readonly start: number;
  /** The end of its last line, before the line end. */
  readonly end: number;
  /** Something stands before it on its line: `- ` or `- - `. */
  readonly isInline: boolean;
}

/** A comment that is a heading of what follows, and not of one entry. */
const HEADING = /^#+\s*(?:[-=*#~_─═]{2,}|$)/;

/** The extents of all entries of a block, in order. */
export function extentsOf(block: Collection, text: string): readonly Extent[] {
  const entries = entriesOf(block);
  return entries.map((entry, index) => {
    const previous = entries[index - 1];
    const from = previous === undefined
      ? undefined
      : lineEndAt(contentEnd(previous, text), text);
    return extentOf(entry, from, text);
  });
}

function extentOf(
  entry: Entry,
  previousEnd: number | undefined,
  text: string,
): Extent {
  const lineStart = lineStartAt(entry.start, text);
  const isInline = text.slice(lineStart, entry.start).trim() !== "";
  return {
    start: isInline
      ? entry.start
      : ownComments(lineStart, entry, previousEnd, text),
    end: withDeeperComments(entry, text),
    isInline,
  };
}

/** Where the comment lines begin that stand right above an entry. */
function ownComments(
  lineStart: number,
  entry: Entry,
  previousEnd: number | undefined,
  text: string,
): number {
  const column = entry.start - lineStart;
  let start = lineStart;
  while (start > (previousEnd ?? 0)) {
    const above = lineStartAt(start - 1, text);
    const line = text.slice(above, start).trimEnd();
    const comment = line.trimStart();
    if (!comment.startsWith("#") || line.length - comment.length !== column) {
      break;
    }
    if (HEADING.test(comment)) break;
    // What the text begins with speaks of all of it.
    if (above === 0 && previousEnd === undefined) return lineStart;
    start = above;
  }
  return start;
}

/** Comment lines below an entry that are indented deeper belong to it. */
function withDeeperComments(entry: Entry, text: string): number {
  const column = columnOf(entry.start, text);
  let end = commentEnd(contentEnd(entry, text), text);
  let at = end;
  while (at < text.length) {
    const lineEnd = lineEndAt(at + 1, text);
    const line = text.slice(at + 1, lineEnd).trimEnd();
    const content = line.trimStart();
    if (content !== "" && !content.startsWith("#")) break;
    if (content !== "" && line.length - content.length <= column) break;
    at = lineEnd;
    if (content !== "") end = withoutReturn(text, lineEnd);
  }
  return end;
}

/** Where the content of an entry ends: no comment, no white space. */
export function contentEnd({ valueFrom, value }: Entry, text: string): number {
  return Math.max(valueFrom, nodeEnd(value, text));
}

/** Where a node ends: no comment, no white space that says nothing. */
export function nodeEnd(node: Node, text: string): number {
  const [start, end] = node.range ?? [0, 0];
  if (isCollection(node) && !node.flow) {
    const last = entriesOf(node as Collection).at(-1);
    if (last !== undefined) return contentEnd(last, text);
  }
  if (isScalar(node) && isKept(node, text)) {
    return withoutReturn(text, text[end - 1] === "\n" ? end - 1 : end);
  }
  if (isBlockScalar(node)) {
    // Spaces at the end of its last line are part of it.
    const source = text.slice(start, end);
    return start + source.replace(/(?:\r?\n[ \t]*)+$/, "").length;
  }
  return trimmedEnd(start, end, text);
}

/** The end of the line if nothing but a comment follows; else the offset itself. */
export function commentEnd(offset: number, text: string): number {
  return isLastOnLine(offset, text)
    ? withoutReturn(text, lineEndAt(offset, text))
    : offset;
}

/** Whether nothing but a comment follows on the line. */
export function isLastOnLine(offset: number, text: string): boolean {
  return /^[ \t\r]*(?:[ \t]#[^]*)?$/.test(
    text.slice(offset, lineEndAt(offset, text)),
  );
}

/** Whether the next line has nothing but spaces. */
export function isBeforeSpaces(offset: number, text: string): boolean {
  const at = lineEndAt(offset, text) + 1;
  return /^[ \t]+\r?$/.test(text.slice(at, lineEndAt(at, text)));
}

/** The first offset of the line on which an offset stands. */
export function lineStartAt(offset: number, text: string): number {
  return offset <= 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}

/** The offset of the line feed that ends the line, or of the end of the text. */
export function lineEndAt(offset: number, text: string): number {
  const found = text.indexOf("\n", offset);
  return found < 0 ? text.length : found;
}

/** The column in which the entries of a block begin. */
export function blockColumn(block: Collection, text: string): number {
  const [first] = entriesOf(block);
  return columnOf(first?.start ?? startOf(block), text);
}

/** Whether white space at the end of a block of text is part of it. */
function isKept(node: Node, text: string): boolean {
  return isBlockScalar(node) &&
    /^[|>]\d?\+/.test(text.slice(startOf(node), startOf(node) + 3));
}

function isBlockScalar(node: Node): boolean {
  return isScalar(node) && node.type?.startsWith("BLOCK") === true;
}

/** Excludes the carriage return of a Windows line end. */
function withoutReturn(text: string, end: number): number {
  return text[end - 1] === "\r" ? end - 1 : end;
}

function trimmedEnd(start: number, end: number, text: string): number {
  let at = end;
  while (at > start && /\s/.test(text.charAt(at - 1))) at--;
  return at;
}

/** Whether a node is a map or a list on lines of its own. */
export function isBlock(node: Node): node is Collection & Node {
  return isCollection(node) && !node.flow;
}
