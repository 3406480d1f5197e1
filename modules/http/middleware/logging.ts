/**
 * Writes one line for each request, after it is answered.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";

export default defineModule({
  type: "http.middleware.logging",
  summary: "Logs one line for each request",
  stability: "stable",
  config: z.strictObject({
    logLevel: z.enum(["debug", "info", "warn", "error"])
      .default("info")
      .describe("The level at which the lines are written"),
  }),
  provides: [HttpMiddleware],
  examples: [{
    title: "Requests in the log",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      {
        name: "access-log",
        type: "http.middleware.logging",
        config: { logLevel: "debug" },
      },
      { name: "hello", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: [{
          method: "GET",
          path: "/hello",
          handler: "hello",
          middlewares: ["access-log"],
        }],
      },
    },
    exchanges: [{
      request: { method: "GET", path: "/hello" },
      response: { status: 200 },
    }],
  }],
  create({ logLevel }, host) {
    const { clock } = host.effects;
    function write(context: HttpContext, status: number, startMs: number) {
      const durationMs = Math.round((clock.elapsed() - startMs) * 1_000) /
        1_000;
      const { method, path, requestId } = context;
      host.log[logLevel](`${method} ${path} ${status}`, {
        method,
        // Without the query: it may hold tokens and names.
        path,
        status,
        durationMs,
        ...(requestId === undefined ? {} : { requestId }),
      });
    }
    return {
      async process(context, next) {
        const startMs = clock.elapsed();
        const response = await next();
        write(context, response.status, startMs);
        return response;
      },
    };
  },
});
