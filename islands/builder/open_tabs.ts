/**
 * Which documents are open and which of them is shown, and how an address says it.
 *
 * @module
 */
import { isDocumentId } from "../../engine/config/document_id.ts";

/** What is open, in the order of the tabs. */
export interface Tabs {
  readonly ids: readonly string[];
  /** Absent where no document is shown. */
  readonly shown: string | undefined;
}

/** Shows a document; one that is not open yet comes last. */
export function withShown({ ids }: Tabs, id: string): Tabs {
  return { ids: ids.includes(id) ? ids : [...ids, id], shown: id };
}

/** Closes a document. Of the one that is shown, the next takes the place. */
export function withoutClosed({ ids, shown }: Tabs, id: string): Tabs {
  const at = ids.indexOf(id);
  if (at < 0) return { ids, shown };
  const rest = ids.toSpliced(at, 1);
  return {
    ids: rest,
    shown: id === shown ? rest[at] ?? rest.at(-1) : shown,
  };
}

/** The tabs of a text that `JSON.stringify` made; none, if it is another. */
export function readTabs(text: string | null): Tabs | undefined {
  try {
    const { ids, shown } = JSON.parse(text ?? "");
    if (!Array.isArray(ids)) return undefined;
    const known = [...new Set(ids)].filter((id): id is string =>
      typeof id === "string" && isDocumentId(id)
    );
    return { ids: known, shown: known.includes(shown) ? shown : undefined };
  } catch {
    return undefined;
  }
}

/** What an address names. */
export interface Shown {
  readonly id: string;
  /** As `viewText` has it; absent for the modules. */
  readonly view?: string | undefined;
  readonly node?: string | undefined;
}

/** The path and the query of what is shown. */
export function addressOf({ id, view, node }: Shown): string {
  const query = new URLSearchParams();
  if (view !== undefined && view !== "modules") query.set("view", view);
  if (node !== undefined) query.set("node", node);
  const path = `/d/${encodeURIComponent(id)}`;
  return query.size === 0 ? path : `${path}?${query}`;
}

/** What the address of a page names; absent if it is that of no document. */
export function shownAt(
  { pathname, search }: Pick<URL, "pathname" | "search">,
  base = "",
): Shown | undefined {
  const [, id] = /^\/d\/([^/]+)$/.exec(pathname.slice(base.length)) ?? [];
  if (id === undefined) return undefined;
  const query = new URLSearchParams(search);
  return {
    id,
    view: query.get("view") ?? undefined,
    node: query.get("node") ?? undefined,
  };
}
