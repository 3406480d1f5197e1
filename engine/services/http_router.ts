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
}

/** Called after a route's handler has answered with a 2xx status. */
export type Follow = (
  context: HttpContext,
  response: Response,
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
  /** The routes that are in force. */
  routes(): readonly Route[];
  /** Answers a request; 404 and 405 if no route fits. Never throws. */
  handle(context: HttpContext): Response | Promise<Response>;
}

/** Modules that hold a routing table. */
export const HttpRouter = defineService<HttpRouter>(
  "http.router",
  "picks a handler for a request",
);
