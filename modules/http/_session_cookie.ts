/**
 * The cookie of the management surface. Ports of one host share cookies, so
 * applications and their backends must never see it.
 *
 * @module
 */

/** Its name. */
export const SESSION_COOKIE = "wf_session";

/** A `Cookie` header without the engine's session; `undefined` if nothing is left. */
export function withoutSession(cookies: string): string | undefined {
  const kept = cookies.split(";").filter((cookie) => !isSession(cookie));
  return kept.length === 0 ? undefined : kept.join(";").trim();
}

/** Whether a `Cookie` pair or a `Set-Cookie` header is about the engine's session. */
export function isSession(cookie: string): boolean {
  return cookie.split("=", 1)[0]?.trim() === SESSION_COOKIE;
}
