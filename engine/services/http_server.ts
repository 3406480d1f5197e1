/**
 * The contract of what listens for HTTP.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { HttpRouter } from "./http_router.ts";

/**
 * The cookie of the management surface. Ports of one host share their cookies, so
 * servers and proxies keep it from applications.
 */
export const SESSION_COOKIE = "wf_session";

/** Listens, and hands each request to its router. */
export interface HttpServer {
  /** Serves `router` from now on; returns what detaches it. */
  attach(router: HttpRouter): () => void;
  /** The addresses that answer, such as `http://127.0.0.1:8080`; empty until open. */
  addresses(): readonly string[];
  /** Answers as a request over the socket would be answered. */
  handle(request: Request, remoteAddress?: string): Promise<Response>;
}

/** Modules that listen for HTTP. */
export const HttpServer = defineService<HttpServer>(
  "http.server",
  "listens for HTTP requests",
);
