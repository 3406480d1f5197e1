/**
 * Reads and writes the cookies of `auth.modular`. They are HttpOnly always.
 *
 * @module
 */
import type { SessionSettings } from "./_modular_config.ts";

/** The value of a cookie; `undefined` if it was not sent. */
export function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of request.headers.get("cookie")?.split(";") ?? []) {
    const [key, value] = pair.split("=", 2);
    if (key?.trim() === name) return value?.trim();
  }
  return undefined;
}

/** What a cookie is written with, beside its value. */
export type CookieSettings = Pick<
  SessionSettings,
  "secure" | "sameSite" | "domain" | "path"
>;

/** A `Set-Cookie` header. An age of 0 removes the cookie. */
export function setCookie(
  name: string,
  value: string,
  { sameSite, domain, path, secure, ageMs }: CookieSettings & {
    readonly ageMs: number;
  },
): string {
  return [
    `${name}=${value}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    `Max-Age=${Math.floor(ageMs / 1_000)}`,
    "HttpOnly",
    `SameSite=${sameSite[0]?.toUpperCase()}${sameSite.slice(1)}`,
    // Browsers refuse one for all sites that is not secure.
    ...(secure === true || sameSite === "none" ? ["Secure"] : []),
  ].join("; ");
}

/**
 * Whether the browser came over https. A proxy in front may say so: who makes that
 * up gets a cookie that is kept better than needed.
 */
export function isOverHttps(
  { url, headers }: Request,
  publicURL: string | undefined,
): boolean {
  const forwarded = headers.get("x-forwarded-proto")?.split(",")[0]?.trim();
  return [publicURL, url].some((text) => text?.startsWith("https:")) ||
    forwarded === "https";
}
