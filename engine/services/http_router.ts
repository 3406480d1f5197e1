/**
 * The contract of what picks a handler for a request.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { HttpContext, HttpHandler } from "./http_handler.ts";
import type { HttpMiddleware } from "./http_middleware.ts";

/** One row of a routing table. */
export interface Route {
  /** An HTTP method in capitals; `GET` also serves `HEAD`. */
  readonly method: string;
  /**
   * `/path/{id}` matches one segment, `/path/{rest...}` the rest, `/path/` the
   * subtree, `/path/{$}` exactly the directory; `:id` reads as `{id}`.
   */
  readonly pattern: string;
  readonly handler: HttpHandler;
  /** The first is the outermost. */
  readonly middlewares: readonly HttpMiddleware[];
  /**
   * A route that the engine adds by itself (metrics, health) gives way to one
   * that the document states with the same method and pattern.
   * @default {false}
   */
  readonly implied?: boolean;
  /** The name of the module that the handler is, for traces. */
  readonly module?: string;
  /** Told of each request that reaches the handler, or the middleware of an index. */
  readonly onReached?: (middleware?: number) => void;
}

/**
 * Does more for a request that a route has answered with a 2xx status, and
 * makes the final answer: as a rule the same `response`. Where no route has the
 * method and pattern, `response` is undefined and the follower answers alone.
 *
 * `body` is what was sent: parsed JSON, the fields of a form, or text, and
 * `undefined` for nothing. The parameters in `context.params` bear the names of
 * the follower's own pattern as well.
 */
export type Follow = (
  context: HttpContext,
  response: Response | undefined,
  body: unknown,
) => Response | Promise<Response>;

/** Picks a handler for a request. The most specific pattern wins. */
export interface HttpRouter {
  /**
   * Adds routes, also while requests are served. Returns what removes them.
   *
   * @throws {RangeError} if a pattern is malformed or two routes would answer
   * the same requests; then none is added.
   */
  mount(routes: readonly Route[]): () => void;
  /**
   * Follows a route: runs inside of its middlewares, after its handler. Where
   * no route is mounted with this method and pattern, or only an implied one,
   * the follower is the route, without middlewares. Several followers run in
   * the order in which they came. Returns what ends it.
   *
   * @throws {RangeError} as `mount` does.
   */
  follow(method: string, pattern: string, follow: Follow): () => void;
  /** The routes that are in force, in the order in which they came. */
  routes(): readonly Route[];
  /** Answers a request; 404 and 405 if no route fits. Never throws. */
  handle(context: HttpContext): Response | Promise<Response>;
}

/** Modules that hold a routing table. */
export const HttpRouter = defineService<HttpRouter>(
  "http.router",
  "picks a handler for a request",
);
