/**
 * Whether a request that changes something was made by a page of this application.
 *
 * @module
 */

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a method changes nothing. */
export function isSafe(method: string): boolean {
  return SAFE.has(method);
}

/**
 * Browsers state the origin of every request that changes something; programs
 * state none. Without a public URL the host counts, since a proxy in front may
 * speak another scheme.
 */
export function isSameOrigin(
  { url, headers }: Request,
  publicURL: string | undefined,
): boolean {
  const stated = headers.get("origin");
  if (stated === null) {
    const site = headers.get("sec-fetch-site");
    return site === null || site === "same-origin" || site === "none";
  }
  const origin = URL.parse(stated);
  if (origin === null) return false;
  if (publicURL !== undefined) {
    return origin.origin === new URL(publicURL).origin;
  }
  return origin.host === (headers.get("host") ?? new URL(url).host);
}
