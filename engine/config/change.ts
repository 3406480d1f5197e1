/**
 * Changes a document's text so that it says something else, and leaves every
 * byte alone that does not have to change: comments, order, quotes, anchors,
 * line ends, layout.
 *
 * @module
 */
import type { Document } from "./document.ts";
import { Editing } from "./editing.ts";
import type { Parsed } from "./parse.ts";
import type { Path } from "./problem.ts";
import { requestedOperations } from "./requested_operations.ts";
import type { Splice } from "./splice.ts";

export type { Splice };

/** Where a place is shared: change all of its users, or write it here. */
export type SharedMode = "all" | "override";

/** One change of what a document says, as JSON. */
export type Change =
  & (
    /** A value, with all that has to be around it. One that is there stays. */
    | { readonly do: "set"; readonly path: Path; readonly value: unknown }
    /**
     * An entry with its own comments. What is left of a map or list without
     * entries is `{}` or `[]`; with `prune` it goes, too.
     */
    | { readonly do: "remove"; readonly path: Path; readonly prune?: boolean }
    /** An item of the list at `path`. @default index behind the last one */
    | {
      readonly do: "insert";
      readonly path: Path;
      readonly index?: number;
      readonly value: unknown;
    }
    /** The item at `from` comes to stand at `to`, with its comments. */
    | {
      readonly do: "move";
      readonly path: Path;
      readonly from: number;
      readonly to: number;
    }
    /** The key at the end of `path` is called `to`; it keeps its place. */
    | { readonly do: "rename"; readonly path: Path; readonly to: string }
  )
  & { readonly shared?: SharedMode };

/** Whom a change of a shared place would meet. */
export interface SharedPlace {
  /** What was to be changed. */
  readonly path: Path;
  /** All places that show it, the first one first. */
  readonly users: readonly Path[];
}

/** A changed text, or the question that has to be answered before. */
export type Changed =
  | {
    readonly text: string;
    /** The text, parsed. */
    readonly parsed: Parsed;
    /** In order and against the text before: what an editor applies. */
    readonly splices: readonly Splice[];
    readonly shared?: undefined;
  }
  | { readonly shared: SharedPlace };

/** How changes are made. */
export interface ChangeOptions {
  /** For changes that say nothing themselves. */
  readonly shared?: SharedMode;
}

/**
 * Makes changes, one after the other: paths speak of the document as the changes
 * before have left it. All of them are made, or none.
 *
 * @throws {RangeError} if a place does not exist.
 * @throws {Error} if the text would not say what it should, which is a bug.
 */
export function changeDocument(
  document: Document,
  changes: readonly Change[],
  options: ChangeOptions = {},
): Changed {
  const editing = new Editing(document);
  for (const change of changes) {
    const mode = change.shared ?? options.shared;
    for (const operation of requestedOperations(editing.value, change)) {
      const shared = editing.run(operation, mode);
      if (shared !== undefined) return { shared };
    }
  }
  return editing.finish();
}
