/**
 * Compares entity tags as RFC 9110 has it, so that a client that has seen an old
 * state of a resource does not overwrite a newer one.
 *
 * @module
 */
import { HttpRefusal } from "./_refusal.ts";

/** Whether a header value such as `"a", W/"b"` or `*` lists a tag. */
export function isListed(etag: string, header: string): boolean {
  return header.split(",").map((tag) => tag.trim())
    .some((tag) => tag === "*" || tag.replace(/^W\//, "") === etag);
}

/**
 * Requires that a resource is still as the client saw it, if it says so. A weak
 * tag never allows a write.
 *
 * @throws {HttpRefusal} 412
 */
export function checkIfMatch(etag: string, header: string | null): void {
  if (header === null) return;
  const tags = header.split(",").map((tag) => tag.trim());
  if (tags.includes("*") || tags.includes(etag)) return;
  throw changedSince(etag);
}

/** The refusal of a write to what has changed. */
export function changedSince(etag?: string): HttpRefusal {
  return new HttpRefusal(
    412,
    "Cannot write the resource: it has changed since it was read",
    etag === undefined ? {} : { headers: { etag } },
  );
}
