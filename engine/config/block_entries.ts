/**
 * Adds, removes and moves the entries of maps and lists that stand in lines.
 *
 * @module
 */
import { isMap, isSeq } from "yaml";
import {
  blockLines,
  flowText,
  isFilled,
  keyText,
  type PrintPlace,
} from "./print_value.ts";
import {
  blockColumn,
  type Extent,
  extentsOf,
  isBeforeSpaces,
  lineEndAt,
  lineStartAt,
} from "./source_lines.ts";
import type { Collection, SourceTree } from "./source_tree.ts";
import { areInBrackets, startOf } from "./text_style.ts";
import type { Splice } from "./splice.ts";
import { neighbourQuotes } from "./neighbour_quotes.ts";

/** Prints entries before the one at `index`, or behind the last one. */
export function insertIntoBlock(
  tree: SourceTree,
  block: Collection,
  { index, added }: { readonly index: number; readonly added: object },
): readonly Splice[] {
  const { text, style } = tree;
  const extents = extentsOf(block, text);
  const pad = " ".repeat(blockColumn(block, text));
  const end = extents.at(-1)?.end ?? startOf(block);
  const isLast = extents[index] === undefined;
  const place = { style, isBeforeSpaces: isLast && isBeforeSpaces(end, text) };
  const body = linesOfAdded(block, added, place)
    .map((line) => line === "" ? "" : pad + line).join(style.lineEnd);
  const isRoot = block === tree.root;
  const gap = style.lineEnd.repeat(isSpaced(extents, text, isRoot) ? 2 : 1);
  const next = extents[index];
  if (next === undefined) {
    return [{ start: end, end, text: gap + body }];
  }
  const at = next.start;
  return [{
    start: at,
    end: at,
    text: next.isInline ? body.slice(pad.length) + gap + pad : body + gap,
  }];
}

/** Like the neighbours: in brackets, if they are. */
function linesOfAdded(
  block: Collection,
  added: object,
  place: PrintPlace,
): readonly string[] {
  const isFlow = (kind: (node: unknown) => boolean) =>
    areInBrackets(valuesOf(block).filter(kind));
  if (isMap(block)) {
    return Object.entries(added).flatMap(([key, value]) =>
      isFilled(value) && isFlow(Array.isArray(value) ? isSeq : isMap)
        ? [`${keyText(key, place)}: ${flowText(value, place)}`]
        : blockLines({ [key]: value }, place)
    );
  }
  const quotes = neighbourQuotes(block);
  return (added as readonly unknown[]).flatMap((item) =>
    isFilled(item) && isFlow(Array.isArray(item) ? isSeq : isMap)
      ? [`- ${flowText(item, place)}`]
      : blockLines([item], { ...place, quotes })
  );
}

function valuesOf(block: Collection): readonly unknown[] {
  return isMap(block) ? block.items.map(({ value }) => value) : block.items;
}

/** Removes one of several entries with its lines. */
export function removeFromBlock(
  { text }: SourceTree,
  block: Collection,
  index: number,
): readonly Splice[] {
  const extents = extentsOf(block, text);
  const extent = extents[index];
  if (extent === undefined) return [];
  if (extent.isInline) {
    const gap = /\s*/y;
    gap.lastIndex = extent.end;
    const length = gap.exec(text)?.[0].length ?? 0;
    return [{ start: extent.start, end: extent.end + length, text: "" }];
  }
  return [{ ...linesOf(extent, extents, index, text), text: "" }];
}

/** Moves an item with its comments; what lies between items stays. */
export function moveInBlock(
  { text }: SourceTree,
  block: Collection,
  { from, to, textOf }: {
    readonly from: number;
    readonly to: number;
    /** The text between two offsets, in which more may have changed. */
    readonly textOf: (start: number, end: number) => string;
  },
): readonly Splice[] {
  const extents = extentsOf(block, text);
  const pad = " ".repeat(blockColumn(block, text));
  const chunks = extents.map(({ start, end, isInline }) =>
    textOf(isInline ? start : start + pad.length, end)
  );
  const [moved] = chunks.splice(from, 1);
  if (moved === undefined) return [];
  chunks.splice(to, 0, moved);
  return extents.flatMap(({ start, end, isInline }, index) => {
    const chunk = chunks[index];
    if (index < Math.min(from, to) || index > Math.max(from, to)) return [];
    if (chunk === undefined) return [];
    // The first item of a list in a list has a dash before it.
    return [{ start, end, text: isInline ? chunk : pad + chunk }];
  });
}

/** Whole lines, and one of the two gaps where the entry has one on each side. */
function linesOf(
  { start, end }: Extent,
  extents: readonly Extent[],
  index: number,
  text: string,
): { readonly start: number; readonly end: number } {
  const lineEnd = lineEndAt(end, text);
  if (lineEnd >= text.length) {
    // The text goes on to end without a line end.
    return { start: previousLineEnd(start, text), end: text.length };
  }
  const past = lineEnd + 1;
  const after = gapEnd(past, text);
  const hasGapBefore = /\n[ \t]*\r?\n$/.test(text.slice(0, start));
  const isFirst = index === 0 && extents.length > 1;
  const hasTwoGaps = after > past && (hasGapBefore || isFirst);
  return { start, end: hasTwoGaps ? after : past };
}

function previousLineEnd(lineStart: number, text: string): number {
  const end = Math.max(0, lineStart - 1);
  return text[end - 1] === "\r" ? end - 1 : end;
}

/** The beginning of the next line with content. */
function gapEnd(offset: number, text: string): number {
  const gap = /\s*/y;
  gap.lastIndex = offset;
  const end = offset + (gap.exec(text)?.[0].length ?? 0);
  return end >= text.length ? end : Math.max(offset, lineStartAt(end, text));
}

/** Whether empty lines stand between most entries. */
function isSpaced(
  extents: readonly Extent[],
  text: string,
  isRoot: boolean,
): boolean {
  const gaps = extents.slice(1).map(({ start }, index) =>
    text.slice(extents[index]?.end, start)
  );
  const spaced = gaps.filter((gap) => (gap.match(/\n/g)?.length ?? 0) > 1);
  // Two entries say too little, unless they are the sections of a document.
  return (isRoot || gaps.length > 1) && spaced.length * 2 > gaps.length;
}
