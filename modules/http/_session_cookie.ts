/**
 * Keeps the cookie of the management surface from applications and their
 * backends.
 *
 * @module
 */
import { SESSION_COOKIE } from "@engine/services/http_server.ts";

/** A `Cookie` header without the engine's session; `undefined` if nothing is left. */
export function withoutSession(cookies: string): string | undefined {
  const kept = cookies.split(";").filter((cookie) => !isSession(cookie));
  return kept.length === 0 ? undefined : kept.join(";").trim();
}

/** Whether a `Cookie` pair or a `Set-Cookie` header is about the engine's session. */
export function isSession(cookie: string): boolean {
  return cookie.split("=", 1)[0]?.trim() === SESSION_COOKIE;
}
