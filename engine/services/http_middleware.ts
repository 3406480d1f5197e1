/**
 * The contract of what stands between a router and a handler.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { HttpContext } from "./http_handler.ts";

/** Calls the rest of the chain. Call it at most once. */
export type Next = () => Promise<Response>;

/** Sees a request before, and its response after, the rest of the chain. */
export interface HttpMiddleware {
  process(context: HttpContext, next: Next): Response | Promise<Response>;
  /**
   * Answers a CORS preflight for a path on which this middleware stands. Only
   * a middleware that implements it makes the router answer OPTIONS itself.
   */
  preflight?(context: HttpContext, methods: readonly string[]): Response;
}

/** Modules that a route can list under `middlewares`. */
export const HttpMiddleware = defineService<HttpMiddleware>(
  "http.middleware",
  "sees requests before and responses after the handler",
);
