/**
 * Says how changes treat places that are shared: all users of a text change if
 * every one of them was to change; else a place gets a text of its own.
 *
 * @module
 */
import type { Change } from "./change.ts";
import type { Document } from "./document.ts";
import { formatPath } from "./problem.ts";
import { usersOf } from "./shared_users.ts";
import { SourceTree } from "./source_tree.ts";

/** The same changes, with `shared` where it matters. */
export function withSharedModes(
  document: Document,
  changes: readonly Change[],
): readonly Change[] {
  const tree = new SourceTree(document.text);
  if (tree.targets.size === 0) return changes;
  const changed = new Set(changes.map(({ path }) => formatPath(path)));
  return changes.map((change) => {
    const { path } = change;
    const users = change.do === "insert"
      ? usersOf(tree, { do: "insert", path, index: 0, values: [] })
      : usersOf(tree, { do: "replace", path, value: null });
    if (users.length < 2) return change;
    const isAll = users.every((user) => changed.has(formatPath(user)));
    return { ...change, shared: isAll ? "all" : "override" };
  });
}
