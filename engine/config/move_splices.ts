/**
 * Moves an item of a list. An anchor that would come to stand behind one of its
 * aliases changes places with it.
 *
 * @module
 */
import type { Alias, Node } from "yaml";
import { anchoredRange, promote } from "./anchored_text.ts";
import { moveInBlock } from "./block_entries.ts";
import { moveInFlow } from "./flow_entries.ts";
import { contentEnd } from "./source_lines.ts";
import { type Collection, entriesOf, type SourceTree } from "./source_tree.ts";
import { startOf } from "./text_style.ts";
import { applySplices, type Splice } from "./splice.ts";

/** The splices that move the item at `from` to `to`. */
export function moveSplices(
  tree: SourceTree,
  list: Collection,
  { from, to }: { readonly from: number; readonly to: number },
): readonly Splice[] {
  const inner = exchanges(tree, list, from, to);
  const textOf = (start: number, end: number) =>
    applySplices(
      tree.text.slice(start, end),
      inner.filter((splice) => splice.start >= start && splice.end <= end)
        .map((splice) => ({
          ...splice,
          start: splice.start - start,
          end: splice.end - start,
        })),
    );
  const move = { from, to, textOf };
  return list.flow
    ? moveInFlow(tree, list, move)
    : moveInBlock(tree, list, move);
}

/** What has to change in the items that change their order. */
function exchanges(
  tree: SourceTree,
  list: Collection,
  from: number,
  to: number,
): readonly Splice[] {
  const moved = rangeOf(tree, list, from, from);
  const passed = from < to
    ? rangeOf(tree, list, from + 1, to)
    : rangeOf(tree, list, to, from - 1);
  const [before, after] = from < to ? [moved, passed] : [passed, moved];
  const seen = new Set<Node>();
  const splices: Splice[] = [];
  for (const [alias, anchored] of tree.targets) {
    if (!isIn(anchored, before) || !isIn(alias, after)) continue;
    // What stands in a value that changes places goes with it.
    if (seen.has(anchored) || [...seen].some((n) => isWithin(anchored, n))) {
      continue;
    }
    seen.add(anchored);
    splices.push(...exchange(tree, anchored, alias));
  }
  return splices;
}

function exchange(
  tree: SourceTree,
  anchored: Node,
  alias: Alias,
): readonly Splice[] {
  return [
    { ...anchoredRange(tree, anchored), text: `*${alias.source}` },
    ...promote(tree, anchored, alias),
  ];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function rangeOf(
  { text }: SourceTree,
  list: Collection,
  first: number,
  last: number,
): Range {
  const entries = entriesOf(list);
  const end = entries[last];
  return {
    start: entries[first]?.start ?? 0,
    end: end === undefined ? 0 : contentEnd(end, text),
  };
}

function isIn(node: Node, { start, end }: Range): boolean {
  return startOf(node) >= start && startOf(node) <= end;
}

function isWithin(inner: Node, outer: Node): boolean {
  return startOf(inner) >= startOf(outer) &&
    (inner.range?.[1] ?? 0) <= (outer.range?.[1] ?? 0);
}
