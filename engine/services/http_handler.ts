/**
 * The contract between a router and what answers a request.
 *
 * @module
 */
import { defineService } from "../service.ts";

/** What a verified token says about the caller. */
export type Claims = Readonly<Record<string, unknown>>;

/** Answers requests. */
export interface HttpHandler {
  handle(context: HttpContext): Response | Promise<Response>;
}

/** Modules that can stand behind a route. */
export const HttpHandler = defineService<HttpHandler>(
  "http.handler",
  "answers HTTP requests",
);

/** The state machine instance that an answer is about. */
export interface AnsweredInstance {
  readonly id: string;
  /** The name of its definition. */
  readonly definition: string;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/** One request on its way through middlewares to its handler. */
export class HttpContext {
  readonly request: Request;
  readonly method: string;
  /** The path as it was sent, without query; percent-encoding is untouched. */
  readonly path: string;
  /** The address of the peer: of the proxy, if there is one in front. */
  readonly remoteAddress: string;
  /** Decoded values of the `{name}` segments of the route. */
  params: Readonly<Record<string, string>> = NO_PARAMS;
  /** The pattern of the route that matched, such as `/api/orders/{id}`. */
  route = "";
  /** Set by the authentication middleware; absent for anonymous callers. */
  claims: Claims | undefined = undefined;
  /** Set by the request-id middleware. */
  requestId: string | undefined = undefined;
  /**
   * The state machine instance that the answer is about. Set by a handler whose
   * resources have one; a trigger that follows the route means this instance.
   */
  instance: AnsweredInstance | undefined = undefined;
  #query: URLSearchParams | undefined;

  constructor(request: Request, remoteAddress = "") {
    this.request = request;
    this.method = request.method;
    this.path = pathOf(request.url);
    this.remoteAddress = remoteAddress;
  }

  /** The query parameters. */
  get query(): URLSearchParams {
    return this.#query ??= new URLSearchParams(queryOf(this.request.url));
  }
}

/** The path of an absolute URL, without parsing the rest of it. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  if (start < 0) return "/";
  for (let end = start; end < url.length; end++) {
    const code = url.charCodeAt(end);
    if (code === 63 || code === 35) return url.slice(start, end);
  }
  return url.slice(start);
}

function queryOf(url: string): string {
  const start = url.indexOf("?");
  if (start < 0) return "";
  const end = url.indexOf("#", start);
  return end < 0 ? url.slice(start + 1) : url.slice(start + 1, end);
}
