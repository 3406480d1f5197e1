/**
 * Carries what an anchor holds to the place of one of its aliases, where the
 * anchor itself goes away or comes to stand behind that alias.
 *
 * @module
 */
import { type Alias, isAlias, type Node, visit } from "yaml";
import { flowText } from "./print_value.ts";
import { type Content, entryAt, put } from "./replace_value.ts";
import { isBlock, nodeEnd } from "./source_lines.ts";
import type { Parent, SourceTree } from "./source_tree.ts";
import { columnOf, startOf } from "./text_style.ts";
import type { Splice } from "./splice.ts";

/** Writes the anchor and what it holds in the place of an alias. */
export function promote(
  tree: SourceTree,
  anchored: Node,
  alias: Alias,
): readonly Splice[] {
  const slot = parentOf(tree, alias);
  const head = `&${alias.source}`;
  const content = slot.collection.flow
    ? flowContent(tree, anchored)
    : carried(tree, anchored, slot);
  return put(
    tree,
    slot,
    "inline" in content
      ? { inline: `${head} ${content.inline}`.trimEnd() }
      : { ...content, head },
  );
}

/** The splices by which what others see of a value stays where it goes away. */
export function adopt(
  tree: SourceTree,
  value: Node,
  { itself }: { readonly itself: boolean },
): readonly Splice[] {
  if (tree.targets.size === 0) return [];
  const inside = new Set<unknown>();
  visit(value, (_, node) => void inside.add(node));
  const carriedOn = new Set<Node>();
  return [...tree.targets].flatMap(([alias, target]) => {
    const isOrphan = inside.has(target) && !inside.has(alias) &&
      (itself || target !== value);
    // What stands in a value that is carried is carried with it.
    const isCarried = [...carriedOn].some((outer) => isWithin(target, outer));
    if (!isOrphan || isCarried) return [];
    carriedOn.add(target);
    return promote(tree, target, alias);
  });
}

/** The place of a node, which is not the root. */
export function parentOf(tree: SourceTree, node: Node): Parent {
  const parent = tree.parentOf(node);
  if (parent === undefined) throw new RangeError("The root stands nowhere");
  return parent;
}

/** The text from an anchor to the end of what it holds. */
export function anchoredRange(
  tree: SourceTree,
  anchored: Node,
): { readonly start: number; readonly end: number } {
  const { anchor, valueFrom } = entryAt(parentOf(tree, anchored));
  return {
    start: anchor?.start ?? startOf(anchored),
    end: Math.max(valueFrom, nodeEnd(anchored, tree.text)),
  };
}

function isWithin(inner: Node, outer: Node): boolean {
  return startOf(inner) >= startOf(outer) &&
    (inner.range?.[1] ?? 0) <= (outer.range?.[1] ?? 0);
}

function flowContent(tree: SourceTree, anchored: Node): { inline: string } {
  const { text, style } = tree;
  const source = text.slice(startOf(anchored), nodeEnd(anchored, text));
  const isPortable = !source.includes("\n") && tree.parentOf(anchored)
    ?.collection.flow;
  if (isPortable || isAlias(anchored)) return { inline: source };
  return { inline: flowText(tree.valueOf(anchored), { style }) };
}

/** The same text, indented like its new place. */
function carried(tree: SourceTree, anchored: Node, slot: Parent): Content {
  const { text } = tree;
  const source = text.slice(startOf(anchored), nodeEnd(anchored, text));
  const lines = source.split(/\r?\n/);
  if (isBlock(anchored)) {
    const column = columnOf(startOf(anchored), text);
    return {
      lines: lines.map((line, index) =>
        index === 0 ? line : shifted(line, -column)
      ),
      isList: "items" in anchored && /^-(?:\s|$)/.test(source),
    };
  }
  const own = columnOf(entryAt(slot).start, text);
  const before = columnOf(entryAt(parentOf(tree, anchored)).start, text);
  return {
    inline: lines.map((line, index) =>
      index === 0 ? line : shifted(line, own - before)
    ).join("\n"),
  };
}

function shifted(line: string, columns: number): string {
  if (line.trim() === "") return line;
  if (columns >= 0) return " ".repeat(columns) + line;
  const indent = line.length - line.trimStart().length;
  return line.slice(Math.min(indent, -columns));
}
