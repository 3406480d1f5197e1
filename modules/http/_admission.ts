/**
 * What a server checks before a router sees a request: the length of the URL,
 * the host, and the body, which is bounded while it is read and never before.
 * An ordinary request passes unchanged and costs three looks at its headers.
 *
 * @module
 */
import { SESSION_COOKIE } from "@engine/services/http_server.ts";
import { withoutSession } from "./_session_cookie.ts";
import type { Host } from "@engine/define.ts";
import { BodyGuard } from "./_body_guard.ts";
import { problemResponse } from "../_problem.ts";

/** The bounds of a server. */
export interface Limits {
  readonly urlCharactersMax: number;
  readonly bodyBytesMax: number;
  /** How long a body may take; absent: any time. */
  readonly readTimeoutMs?: number;
}

/** What a host must not contain, lest its URL is read as another one. */
const STRANGE_HOST = /[^\x21-\x7e]|[/?#@\\]/;

/** Lets requests in. */
export class Admission {
  readonly #limits: Limits;
  readonly #clock: Host["effects"]["clock"];
  readonly #guards = new WeakMap<Request, BodyGuard>();
  #knownHost = "";

  constructor(limits: Limits, clock: Host["effects"]["clock"]) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** The request that handlers may see, or the refusal. */
  admit(request: Request): Request | Response {
    const { urlCharactersMax } = this.#limits;
    if (request.url.length > urlCharactersMax) {
      return problemResponse(
        414,
        `The URL is longer than ${urlCharactersMax} characters`,
      );
    }
    const { headers, method } = request;
    const host = headers.get("host");
    if (host !== null && host !== this.#knownHost) {
      if (STRANGE_HOST.test(host)) {
        return problemResponse(400, "The Host header is no host");
      }
      this.#knownHost = host;
    }
    const cookie = headers.get("cookie");
    const admitted = cookie !== null && cookie.includes(SESSION_COOKIE)
      ? withCookies(request, withoutSession(cookie))
      : request;
    return method === "GET" || method === "HEAD"
      ? admitted
      : this.#guardBody(admitted);
  }

  /** What guards the body of an admitted request, if it needs that. */
  guardOf(request: Request): BodyGuard | undefined {
    return this.#guards.get(request);
  }

  #guardBody(request: Request): Request | Response {
    const { bodyBytesMax, readTimeoutMs } = this.#limits;
    // Deno reads what a handler leaves over, and so keeps the connection, only
    // if somebody has asked for the body: here is where somebody always does.
    const { body } = request;
    if (body === null) return request;
    const length = request.headers.get("content-length");
    if (length !== null && Number(length) > bodyBytesMax) {
      return problemResponse(
        413,
        `The request body is longer than ${bodyBytesMax} bytes`,
      );
    }
    // The announced length is the transport's business to enforce.
    if (length !== null && readTimeoutMs === undefined) return request;
    const guard = new BodyGuard(body, this.#limits, this.#clock);
    const guarded = new Request(request, { body: guard.stream });
    this.#guards.set(guarded, guard);
    return guarded;
  }
}

function withCookies(request: Request, cookies: string | undefined): Request {
  const headers = new Headers(request.headers);
  if (cookies === undefined) headers.delete("cookie");
  else headers.set("cookie", cookies);
  return new Request(request, { headers });
}
