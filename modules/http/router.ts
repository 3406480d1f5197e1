/**
 * Picks the handler of a request, by the rules of Go's ServeMux, which the
 * documents that we accept were written for.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { Router } from "./_router.ts";

export default defineModule({
  type: "http.router",
  summary: "Picks the handler of a request by its method and path",
  stability: "stable",
  config: z.strictObject({}),
  inert: { prefix: "routes are written with their full paths" },
  provides: [HttpRouter],
  examples: [{
    title: "The most specific route answers",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      { name: "one-order", type: "http.handler" },
      { name: "newest-order", type: "http.handler" },
      { name: "files", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: [
          { method: "GET", path: "/orders/{id}", handler: "one-order" },
          { method: "GET", path: "/orders/newest", handler: "newest-order" },
          { method: "GET", path: "/files/{path...}", handler: "files" },
        ],
      },
    },
    exchanges: [
      {
        request: { method: "GET", path: "/orders/17" },
        response: { status: 200, body: { handler: "one-order" } },
      },
      {
        request: { method: "GET", path: "/orders/newest" },
        response: { status: 200, body: { handler: "newest-order" } },
      },
      {
        request: { method: "GET", path: "/files/2026/report.pdf" },
        response: { status: 200, body: { handler: "files" } },
      },
      {
        request: { method: "DELETE", path: "/orders/17" },
        response: {
          status: 405,
          headers: { Allow: "GET, HEAD" },
          body: "Method Not Allowed\n",
        },
      },
      {
        request: { method: "GET", path: "/customers" },
        response: { status: 404, body: "404 page not found\n" },
      },
    ],
  }],
  create: (_config, host) => new Router(host),
});
