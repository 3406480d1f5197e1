/**
 * Who makes a request: whoever has a session, which a cookie names, or a token.
 *
 * @module
 */
import type { Claims, HttpContext } from "@engine/services/http_handler.ts";
import { equalTo } from "../_constant_time.ts";
import type { BrowserSession, BrowserSessions } from "./_browser_sessions.ts";
import { cookieOf, isOverHttps, setCookie } from "./_cookies.ts";
import type { SessionSettings } from "./_modular_config.ts";
import { RefusedRequest } from "./_refused_request.ts";
import { isSafe, isSameOrigin } from "./_same_origin.ts";
import { claimsOf, type Sessions } from "./_sessions.ts";
import { SIGN_IN_MS_MAX } from "./_sign_in_ticket.ts";
import type { User } from "./_users.ts";

/** The header in which a page sends the token that proves it may change things. */
export const CSRF_HEADER = "x-csrf-token";

/** Who makes a request. */
export interface Caller {
  readonly claims: Claims;
  /** Absent for who has come with a token. */
  readonly session?: BrowserSession;
}

/** What tells callers apart. */
export interface CallerParts {
  readonly tokens: Sessions;
  readonly browsers: BrowserSessions;
  readonly cookie: SessionSettings;
  readonly publicURL: string | undefined;
}

const SCHEME = "Bearer ";

/** See the module comment. */
export class Callers {
  readonly #parts: CallerParts;

  constructor(parts: CallerParts) {
    this.#parts = parts;
  }

  /**
   * Who it is; `undefined` for strangers. A token counts before a cookie.
   *
   * @throws {RefusedRequest} 403 for a change that comes with a cookie and without
   * what a page of this application would send.
   */
  async find({ request, method }: HttpContext): Promise<Caller | undefined> {
    const { tokens, browsers, cookie } = this.#parts;
    const header = request.headers.get("authorization");
    if (header?.startsWith(SCHEME)) {
      const claims = await tokens.authenticate(header.slice(SCHEME.length));
      return claims === undefined ? undefined : { claims };
    }
    const token = cookieOf(request, cookie.cookieName);
    const session = await browsers.find(token);
    if (session === undefined || await tokens.hasEnded(session.id)) {
      return undefined;
    }
    if (!isSafe(method)) this.#requireOwnPage(request, session);
    return { claims: session.claims, session };
  }

  /** @throws {RefusedRequest} 403 if a page of somebody else makes the request. */
  requireSameOrigin(request: Request): void {
    if (isSameOrigin(request, this.#parts.publicURL)) return;
    throw new RefusedRequest(403, "The request comes from another site");
  }

  /**
   * Begins a session for a user, whatever session the browser had before: nobody
   * can plant one that is known elsewhere.
   */
  async begin(
    request: Request,
    user: User,
  ): Promise<{ readonly session: BrowserSession; readonly setCookie: string }> {
    const { browsers, cookie } = this.#parts;
    await browsers.end(cookieOf(request, cookie.cookieName));
    const { token, session } = await browsers.begin(user.id, claimsOf(user));
    return {
      session,
      setCookie: this.#cookie(request, token, cookie.maxAgeMs),
    };
  }

  /** Ends a session with its tokens. Returns the header that removes the cookie. */
  async end(request: Request, { id }: BrowserSession): Promise<string> {
    const { browsers, cookie, tokens } = this.#parts;
    await browsers.end(cookieOf(request, cookie.cookieName));
    await tokens.end({ sid: id });
    return this.#cookie(request, "", 0);
  }

  /** The name of the cookie that holds what a sign-in needs. */
  get ticketCookie(): string {
    return `${this.#parts.cookie.cookieName}_sign_in`;
  }

  /** A cookie for the time of a sign-in; an empty text removes it. */
  setTicket(request: Request, ticket: string): string {
    return setCookie(this.ticketCookie, ticket, {
      path: this.#parts.cookie.path,
      domain: this.#parts.cookie.domain,
      // The way back from the provider begins at another site.
      sameSite: "lax",
      secure: this.#isSecure(request),
      ageMs: ticket === "" ? 0 : SIGN_IN_MS_MAX,
    });
  }

  #requireOwnPage(request: Request, { csrfToken }: BrowserSession): void {
    this.requireSameOrigin(request);
    const sent = request.headers.get(CSRF_HEADER);
    if (sent !== null && equalTo(csrfToken)(sent)) return;
    throw new RefusedRequest(
      403,
      `A change needs the header ${CSRF_HEADER} with the csrfToken of the session`,
    );
  }

  #cookie(request: Request, value: string, ageMs: number): string {
    const { cookie } = this.#parts;
    const secure = this.#isSecure(request);
    return setCookie(cookie.cookieName, value, { ...cookie, secure, ageMs });
  }

  #isSecure(request: Request): boolean {
    const { cookie, publicURL } = this.#parts;
    return cookie.secure === "auto"
      ? isOverHttps(request, publicURL)
      : cookie.secure;
  }
}
