/**
 * What of a message's headers is meant for the next machine only.
 *
 * @module
 */

/** RFC 9110, section 7.6.1, and what fetch works out by itself. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The headers that may travel on, in pairs; `Set-Cookie` may come repeatedly. */
export function* endToEnd(
  headers: Headers,
): Generator<readonly [string, string]> {
  const connection = headers.get("connection")?.toLowerCase();
  const named = connection?.split(",").map((name) => name.trim()) ?? [];
  for (const pair of headers) {
    const [name] = pair;
    if (!HOP_BY_HOP.has(name) && !named.includes(name)) yield pair;
  }
}
