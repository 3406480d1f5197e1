/**
 * Leaves out changes of a list that another change meets already, since the two
 * lists are one text.
 *
 * @module
 */
import type { Change } from "../config/change.ts";
import type { Document } from "../config/document.ts";
import { formatPath } from "../config/problem.ts";
import { usersOf } from "../config/shared_users.ts";
import { SourceTree } from "../config/source_tree.ts";
import { withSharedModes } from "../config/shared_modes.ts";

/** The changes, each for all users of its list if all of them were to change. */
export function distinctLists(
  document: Document,
  changes: readonly Change[],
): readonly Change[] {
  const tree = new SourceTree(document.text);
  const met = new Set<string>();
  return withSharedModes(document, changes).filter((change) => {
    const { path } = change;
    if (met.has(formatPath(path))) return false;
    if (change.shared === "all") {
      const operation = { do: "insert", path, index: 0, values: [] } as const;
      for (const user of usersOf(tree, operation)) met.add(formatPath(user));
    }
    return true;
  });
}
