/**
 * What of a message's headers is meant for the next machine only, and what of
 * the engine's own must not leave it.
 *
 * @module
 */

/** The cookie of the engine's management surface; ports share cookies. */
export const SESSION_COOKIE = "wf_session";

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

/** A `Cookie` header without the engine's session; `undefined` if nothing is left. */
export function withoutSession(cookies: string): string | undefined {
  const kept = cookies.split(";").filter((cookie) => !isSession(cookie));
  return kept.length === 0 ? undefined : kept.join(";").trim();
}

/** Whether a `Cookie` pair or a `Set-Cookie` header is about the engine's session. */
export function isSession(cookie: string): boolean {
  return cookie.split("=", 1)[0]?.trim() === SESSION_COOKIE;
}
