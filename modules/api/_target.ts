/**
 * What a request is about. The route says where the id stands, so that a path
 * is never taken apart by counting its segments.
 *
 * @module
 */
import type { HttpContext } from "@engine/services/http_handler.ts";

/** What a request is about. */
export type Target =
  | { readonly kind: "collection" }
  | { readonly kind: "item"; readonly id: string }
  /** The one segment behind the id: a sub-action or a sub-resource. */
  | { readonly kind: "part"; readonly id: string; readonly part: string }
  /** The state of a view as a whole. */
  | { readonly kind: "health" }
  /** More than one segment behind the id. */
  | { readonly kind: "nothing" };

/** What a request to a handler, or to a view, is about. */
export function targetOf(context: HttpContext, isView: boolean): Target {
  const id = context.params.id ?? "";
  if (id === "") {
    return isView && segments(context.path).at(-1) === "health"
      ? { kind: "health" }
      : { kind: "collection" };
  }
  const [part, ...more] = segmentsBehindId(context, id);
  if (more.length > 0) return { kind: "nothing" };
  if (part !== undefined) return { kind: "part", id, part };
  return isView && id === "health" ? { kind: "health" } : { kind: "item", id };
}

function segmentsBehindId(context: HttpContext, id: string): readonly string[] {
  const names = context.route.split("/");
  // The id is the rest of the path: nothing can stand behind it.
  if (names.includes("{id...}")) return [];
  const inRoute = names.findIndex((name) => name === "{id}" || name === ":id");
  const parts = context.path.split("/");
  // Without a route the id itself tells where it stands.
  const index = inRoute >= 0
    ? inRoute
    : parts.findLastIndex((part) => decode(part) === id);
  return index < 0 ? [] : segments(parts.slice(index + 1).join("/"));
}

function segments(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "").map(decode);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not percent-encoded text: it stands for itself.
    return segment;
  }
}
