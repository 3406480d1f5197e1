/**
 * Who may come in: the bearer token, or a browser that is signed in.
 *
 * A cookie counts only with the Host that the surface is known by (a name that
 * leads here is no proof), from a page of the same origin, and, for whatever
 * changes something, with what only such a page knows: ports of one host share
 * their cookies, and an application's page is no page of ours.
 *
 * @module
 */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { SESSION_COOKIE } from "../engine/mod.ts";
import { csrfOf, SESSION_MS, type Sessions } from "../platform/sessions.ts";
import { isToken } from "../platform/token.ts";

/** The header with what a page knows of its session. */
export const CSRF_HEADER = "x-workflow-csrf";

/** What lets in. */
export interface GateOptions {
  readonly token: string;
  readonly sessions: Sessions;
  readonly basePath: string;
  /** Where people reach the surface; absent: at the address itself. */
  readonly publicUrl: string | undefined;
}

/** Whom a request comes from, as the audit log says it. */
export type Who = "token" | `session ${string}`;

/** See the module comment. */
export class Gate {
  readonly #options: GateOptions;
  readonly #publicHost: string | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#publicHost = URL.parse(options.publicUrl ?? "")?.hostname;
  }

  /** Whom a call comes from; `undefined`: it may not. */
  async caller(context: Context): Promise<Who | undefined> {
    const header = context.req.header("authorization") ?? "";
    const token = /^Bearer +(.+)$/i.exec(header)?.[1];
    if (token !== undefined) return this.isToken(token) ? "token" : undefined;
    const cookie = await this.session(context);
    if (cookie === undefined) return undefined;
    const isRead = ["GET", "HEAD"].includes(context.req.method);
    const csrf = csrfOf(cookie);
    if (!isRead && context.req.header(CSRF_HEADER) !== csrf) return undefined;
    return `session ${csrf.slice(0, 8)}`;
  }

  /** The cookie of the session that a request belongs to. */
  async session(context: Context): Promise<string | undefined> {
    const cookie = getCookie(context, SESSION_COOKIE);
    if (cookie === undefined || !this.#isOurs(context)) return undefined;
    return await this.#options.sessions.holds(cookie) ? cookie : undefined;
  }

  isToken(token: string): boolean {
    return isToken(token.trim(), this.#options.token);
  }

  /** Signs a browser in. */
  async open(context: Context): Promise<void> {
    const cookie = await this.#options.sessions.begin();
    setCookie(context, SESSION_COOKIE, cookie, {
      ...this.#cookiePlace,
      httpOnly: true,
      sameSite: "Strict",
      maxAge: SESSION_MS / 1_000,
    });
  }

  /** Signs it out. */
  async close(context: Context): Promise<void> {
    const cookie = getCookie(context, SESSION_COOKIE);
    if (cookie !== undefined) await this.#options.sessions.end(cookie);
    deleteCookie(context, SESSION_COOKIE, this.#cookiePlace);
  }

  get #cookiePlace() {
    const { basePath, publicUrl } = this.#options;
    const secure = publicUrl?.startsWith("https:") ?? false;
    return { path: `${basePath}/`, secure };
  }

  #isOurs(context: Context): boolean {
    const { req } = context;
    const host = req.header("host") ?? new URL(req.url).host;
    const name = URL.parse(`http://${host}`)?.hostname ?? "";
    const isKnown = name === "localhost" || name === this.#publicHost ||
      /^[\d.]+$|^\[/.test(name);
    const site = req.header("sec-fetch-site") ?? "same-origin";
    const origin = req.header("origin");
    return isKnown && ["same-origin", "none"].includes(site) &&
      (origin === undefined || URL.parse(origin)?.host === host);
  }
}
