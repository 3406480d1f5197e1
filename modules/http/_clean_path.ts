/**
 * Paths have one spelling. A request for any other, with empty or dot segments,
 * is sent to the clean one, so that no rule about a prefix can be walked around.
 *
 * @module
 */

const DOT = 46;
const PERCENT = 37;

/** A segment that means this or the parent folder, also percent-encoded. */
const DOTS = /^(?:\.|%2e)(\.|%2e)?$/i;

/** Whether the path, from the slash at `at` on, is its own clean form. */
export function isClean(path: string, at = 0): boolean {
  for (let start = at + 1; start < path.length;) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    if (!isPlainSegment(path, start, end)) return false;
    start = end + 1;
  }
  return true;
}

/** Whether the segment from `start` to `end` is neither empty nor dots. */
export function isPlainSegment(
  path: string,
  start: number,
  end: number,
): boolean {
  if (start === end) return false;
  const first = path.charCodeAt(start);
  if (first !== DOT && first !== PERCENT) return true;
  return !DOTS.test(path.slice(start, end));
}

/** The clean form. It begins with one slash, and ends with one if `path` does. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    const dots = DOTS.exec(segment);
    if (dots === null) {
      if (segment !== "") kept.push(segment);
    } else if (dots[1] !== undefined) kept.pop();
  }
  const end = kept.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${kept.join("/")}${end}`;
}

/**
 * A value for `Location` that leads to a clean path of the same site: browsers
 * read `/\evil.example` as the address of another one.
 */
export function locationOf(path: string, url: string): string {
  const start = url.indexOf("?");
  const query = start < 0 ? "" : url.slice(start).replace(/#.*$/s, "");
  return encodeForHeader(path + query);
}

function encodeForHeader(text: string): string {
  return text.toWellFormed().replace(
    /[^\x21-\x7e]|\\/gu,
    (character) => encodeURIComponent(character),
  );
}
