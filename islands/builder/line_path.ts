/**
 * Where a line of a YAML text stands, judged by how it is indented: also while it
 * is being written and nothing can parse it.
 *
 * @module
 */
import type { Path } from "../../engine/config/problem.ts";

/** What begins a line: dashes, and a key. */
const LINE = /^(\s*)((?:- +)*)(?:("[^"]*"|'[^']*'|[^\s:#"'{[]+):(?:\s|$))?/;

/** How a line begins. */
interface Begin {
  /** The columns of its dashes. */
  readonly dashes: readonly number[];
  /** The column of its key, or of what it says in the place of one. */
  readonly column: number;
  readonly key: string | undefined;
}

/**
 * The path of the map that a line stands in, or of the list if it is an item of
 * one that has no key. Lines of block style are understood, and no others.
 *
 * @param lines The text up to the line, which is the last one.
 */
export function pathOfLine(lines: readonly string[]): Path {
  const last = lines.at(-1);
  if (last === undefined) return [];
  const path: (string | number)[] = [];
  let { dashes, column } = beginOf(last);
  // Dashes on the line itself are items that it opens.
  for (const dash of dashes.toReversed()) {
    path.unshift(0);
    column = dash;
  }
  let isItem = dashes.length > 0;
  for (const line of lines.slice(0, -1).toReversed()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const begin = beginOf(line);
    // An item of the same list comes before: the index is one more.
    const sibling = begin.dashes.find((dash) => dash === column);
    if (isItem && sibling !== undefined) {
      path[0] = Number(path[0]) + 1;
      continue;
    }
    const isParent = begin.key !== undefined &&
      (isItem && begin.dashes.length === 0
        ? begin.column <= column
        : begin.column < column);
    if (isParent) {
      path.unshift(String(begin.key).replace(/^["']|["']$/g, ""));
      column = begin.column;
      isItem = false;
    }
    // The line is, or opens, the item that this is in.
    const isAround = isParent || begin.column <= column;
    for (const dash of begin.dashes.toReversed()) {
      if (dash >= column || !isAround) continue;
      path.unshift(0);
      column = dash;
      isItem = true;
    }
    if (column === 0 && !isItem) break;
  }
  return path;
}

function beginOf(line: string): Begin {
  const [, indent = "", marks = "", key] = LINE.exec(line) ?? [];
  const dashes = [...marks.matchAll(/-/g)].map(({ index }) =>
    indent.length + index
  );
  return { dashes, column: indent.length + marks.length, key };
}
