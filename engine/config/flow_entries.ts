/**
 * Adds, removes and moves the entries of maps and lists that stand in brackets.
 *
 * @module
 */
import { isMap } from "yaml";
import { neighbourQuotes } from "./neighbour_quotes.ts";
import { flowText, inlineText, isFilled, keyText } from "./print_value.ts";
import { flowComposite } from "./replace_value.ts";
import {
  commentEnd,
  contentEnd,
  isLastOnLine,
  lineEndAt,
  lineStartAt,
} from "./source_lines.ts";
import { type Collection, entriesOf, type SourceTree } from "./source_tree.ts";
import type { Splice } from "./splice.ts";

/** Where an entry in brackets stands. */
interface Cell {
  readonly start: number;
  readonly end: number;
  /** Behind the comma that follows, if one does. */
  readonly past: number;
  /** It has its line, or lines, to itself. */
  readonly isAlone: boolean;
}

/** Prints entries before the one at `index`, or behind the last one. */
export function insertIntoFlow(
  tree: SourceTree,
  flow: Collection,
  { index, added }: { readonly index: number; readonly added: object },
): readonly Splice[] {
  const { text, style } = tree;
  const cells = cellsOf(flow, text);
  const printed = printedEntries(tree, flow, added);
  const next = cells[index];
  const near = next ?? cells.at(-1);
  if (near === undefined || printed.length === 0) return [];
  const indent = text.slice(lineStartAt(near.start, text), near.start);
  const between = near.isAlone ? `,${style.lineEnd}${indent}` : ", ";
  const body = printed.join(between).replaceAll(/\r?\n/g, style.lineEnd);
  if (next !== undefined) {
    return [{ start: next.start, end: next.start, text: body + between }];
  }
  const { end, past } = near;
  const hasComma = past > end;
  if (!near.isAlone) {
    const inserted = hasComma ? ` ${body},` : `, ${body}`;
    return [{ start: past, end: past, text: inserted }];
  }
  const line = commentEnd(past, text);
  return [
    ...hasComma ? [] : [{ start: end, end, text: "," }],
    {
      start: line,
      end: line,
      text: `${style.lineEnd}${indent}${body}${hasComma ? "," : ""}`,
    },
  ];
}

/** Removes one of several entries with its comma. */
export function removeFromFlow(
  { text }: SourceTree,
  flow: Collection,
  index: number,
): readonly Splice[] {
  const cells = cellsOf(flow, text);
  const cell = cells[index];
  if (cell === undefined) return [];
  const previous = cells[index - 1];
  const next = cells[index + 1];
  const { start, end, past, isAlone } = cell;
  const isLast = next === undefined && past === end;
  if (isAlone) {
    const lines = {
      start: lineStartAt(start, text),
      end: Math.min(text.length, lineEndAt(past, text) + 1),
      text: "",
    };
    return isLast && previous !== undefined
      ? [{ start: previous.end, end: previous.past, text: "" }, lines]
      : [lines];
  }
  if (next !== undefined) return [{ start, end: next.start, text: "" }];
  return [{ start: previous?.end ?? start, end, text: "" }];
}

/** Moves an item; comments move along where each item has a line. */
export function moveInFlow(
  { text }: SourceTree,
  flow: Collection,
  { from, to, textOf }: {
    readonly from: number;
    readonly to: number;
    readonly textOf: (start: number, end: number) => string;
  },
): readonly Splice[] {
  const cells = cellsOf(flow, text);
  const low = Math.min(from, to);
  const high = Math.max(from, to);
  const ranges = cells.map(({ start, end }) => ({ start, end }));
  const comments = cells.map(({ past }) => ({
    start: past,
    end: commentEnd(past, text),
  }));
  const canCarry = cells.slice(low, high + 1).every(({ past }) =>
    isLastOnLine(past, text)
  );
  return [ranges, ...canCarry ? [comments] : []].flatMap((slots) => {
    const chunks = slots.map(({ start, end }) => textOf(start, end));
    chunks.splice(to, 0, ...chunks.splice(from, 1));
    return slots.flatMap((slot, index) =>
      index < low || index > high
        ? []
        : [{ ...slot, text: chunks[index] ?? "" }]
    );
  });
}

/** Takes everything out of brackets. */
export function emptyFlow(flow: Collection): readonly Splice[] {
  const [start, end] = flow.range ?? [0, 0];
  return [{ start: start + 1, end: end - 1, text: "" }];
}

function printedEntries(
  tree: SourceTree,
  flow: Collection,
  added: object,
): readonly string[] {
  const { style } = tree;
  if (!isMap(flow)) {
    const quotes = neighbourQuotes(flow);
    return (added as readonly unknown[]).map((item) =>
      isFilled(item)
        ? flowComposite(tree, flow, item)
        : inlineText(item, { style, quotes, inFlow: true })
    );
  }
  return Object.entries(added).map(([key, value]) => {
    const printed = style.isJson
      ? flowComposite(tree, flow, value)
      : flowText(value, { style });
    return `${keyText(key, { style })}: ${printed}`;
  });
}

function cellsOf(flow: Collection, text: string): readonly Cell[] {
  return entriesOf(flow).map((entry) => {
    const { start } = entry;
    const end = contentEnd(entry, text);
    const past = commaEnd(end, text);
    const isFirst = text.slice(lineStartAt(start, text), start).trim() === "";
    return {
      start,
      end,
      past,
      isAlone: isFirst && isLastOnLine(past, text),
    };
  });
}

/** Behind the comma, if it comes next. */
function commaEnd(offset: number, text: string): number {
  const gap = /(?:\s|(?<=\s)#.*)*,/y;
  gap.lastIndex = offset;
  const found = gap.exec(text);
  return found === null ? offset : offset + found[0].length;
}
