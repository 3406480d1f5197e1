/**
 * Where a browser goes after a sign-in. Pure.
 *
 * @module
 */

/** The longest path, in characters. */
export const RETURN_CHARACTERS_MAX = 1_000;

/**
 * A path of this host, as a browser would read it; `undefined` for whatever could
 * lead elsewhere. Browsers take backslashes for slashes and drop tabs and line ends.
 */
export function returnPath(text: string): string | undefined {
  if (text.length > RETURN_CHARACTERS_MAX) return undefined;
  if (!/^\/(?![/\\])/.test(text) || /[\\\p{Cc}]/u.test(text)) return undefined;
  const url = URL.parse(text, HERE);
  if (url === null || url.origin !== HERE) return undefined;
  const path = `${url.pathname}${url.search}${url.hash}`;
  // Dots may have left two slashes at the beginning.
  return path.startsWith("//") ? undefined : path;
}

const HERE = "http://here.invalid";
