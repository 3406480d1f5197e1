/**
 * Tells browsers which other sites may call. It decides nothing about callers
 * that are not browsers: a request from a foreign site still reaches its
 * handler, only its page cannot read the answer.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { addVary, amendHeaders } from "../_response_headers.ts";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const config = z.strictObject({
  allowedOrigins: z.array(z.string().min(1))
    .default(["*"])
    .describe(
      "The sites that may call, such as https://shop.example; * stands for all",
    ),
  allowedMethods: z.array(z.string().regex(TOKEN, "Expected an HTTP method"))
    .default(["GET", "POST", "PUT", "DELETE", "OPTIONS"])
    .describe("The methods that such a site may use"),
  allowedHeaders: z.array(z.string().regex(TOKEN, "Expected a header name"))
    .default(["Content-Type", "Authorization"])
    .describe("The request headers that such a site may send"),
  maxAge: z.int().min(0)
    .optional()
    .meta({ unit: "s" })
    .describe(
      "For how many seconds a browser may remember the answer to a preflight; absent: as long as the browser likes",
    ),
});

export default defineModule({
  type: "http.middleware.cors",
  summary: "Lets pages of other sites call, as far as allowed",
  stability: "stable",
  config,
  provides: [HttpMiddleware],
  examples: [{
    title: "One shop front may call",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      {
        name: "cors",
        type: "http.middleware.cors",
        config: {
          allowedOrigins: ["https://shop.example"],
          allowedMethods: ["GET", "POST"],
          maxAge: 600,
        },
      },
      { name: "orders", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: [{
          method: "POST",
          path: "/orders",
          handler: "orders",
          middlewares: ["cors"],
        }],
      },
    },
    exchanges: [{
      request: {
        method: "POST",
        path: "/orders",
        headers: { Origin: "https://shop.example" },
      },
      response: {
        status: 200,
        headers: {
          "Access-Control-Allow-Origin": "https://shop.example",
          Vary: "Origin",
        },
      },
    }, {
      request: {
        method: "OPTIONS",
        path: "/orders",
        headers: {
          Origin: "https://shop.example",
          "Access-Control-Request-Method": "POST",
        },
      },
      response: {
        status: 200,
        headers: {
          "Access-Control-Allow-Methods": "POST",
          "Access-Control-Max-Age": "600",
        },
      },
    }],
  }],
  create(config) {
    const origins = new Set(config.allowedOrigins);
    const methods = config.allowedMethods.join(", ");
    const requestHeaders = config.allowedHeaders.join(", ");

    function isAllowed(origin: string | null): origin is string {
      return origin !== null && (origins.has("*") || origins.has(origin));
    }
    function allow(headers: Headers, origin: string, methods: string): void {
      headers.set("access-control-allow-origin", origin);
      headers.set("access-control-allow-methods", methods);
      headers.set("access-control-allow-headers", requestHeaders);
    }
    /** The whole answer to OPTIONS, for allowed and other origins alike. */
    function answer(origin: string | null, methods: string): Response {
      const headers = new Headers({ vary: "Origin" });
      if (isAllowed(origin)) {
        allow(headers, origin, methods);
        if (config.maxAge !== undefined) {
          headers.set("access-control-max-age", String(config.maxAge));
        }
      }
      return new Response(null, { status: 200, headers });
    }

    return {
      async process(context, next) {
        const origin = context.request.headers.get("origin");
        if (context.method === "OPTIONS") return answer(origin, methods);
        return amendHeaders(await next(), (headers) => {
          addVary(headers, "Origin");
          if (isAllowed(origin)) allow(headers, origin, methods);
          // What a backend allows by itself is not for this application to pass on.
          else headers.delete("access-control-allow-origin");
        });
      },
      preflight(context, served) {
        const origin = context.request.headers.get("origin");
        const both = config.allowedMethods.filter((method) =>
          served.includes(method)
        );
        return answer(origin, both.join(", "));
      },
    };
  },
});
