/**
 * Whether a client has a file already. Pure.
 *
 * @module
 */

/** What tells one state of a file from another. */
export interface Validators {
  readonly etag: string;
  /** Milliseconds since 1970; absent where the file system does not tell. */
  readonly modifiedMs: number | undefined;
}

/** Whether `If-None-Match`, or else `If-Modified-Since`, says so. */
export function isUnchanged(headers: Headers, state: Validators): boolean {
  const tags = headers.get("if-none-match");
  if (tags !== null) return matches(tags, state.etag);
  const since = Date.parse(headers.get("if-modified-since") ?? "");
  if (Number.isNaN(since) || state.modifiedMs === undefined) return false;
  return wholeSeconds(state.modifiedMs) <= since;
}

/** Whether a range refers to this state of the file: `If-Range`. */
export function isRangeCurrent(headers: Headers, state: Validators): boolean {
  const condition = headers.get("if-range");
  if (condition === null) return true;
  if (condition.includes('"')) return condition === state.etag;
  if (state.modifiedMs === undefined) return false;
  return Date.parse(condition) === wholeSeconds(state.modifiedMs);
}

/** Compares weakly: a server that compresses on the way marks tags as weak. */
function matches(tags: string, etag: string): boolean {
  return tags.trim() === "*" ||
    tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

/** HTTP dates have no milliseconds. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}
