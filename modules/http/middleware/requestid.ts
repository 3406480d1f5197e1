/**
 * Gives every request an id that logs, answers and backends share. A new one has
 * 26 characters and sorts by time; it is no UUID, and nobody should read it.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { amendHeaders } from "../_response_headers.ts";

/** The most characters that an id from outside may have. */
export const REQUEST_ID_CHARACTERS_MAX = 128;

/** Letters, digits and the punctuation of UUIDs, base64 and trace ids. */
const SANE_ID = /^[A-Za-z0-9._~:/+=@-]+$/;

export default defineModule({
  type: "http.middleware.requestid",
  summary:
    "Gives each request an id, in the header X-Request-ID of request and response",
  stability: "stable",
  config: z.strictObject({}),
  provides: [HttpMiddleware],
  examples: [{
    title: "Every answer tells its request id",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      { name: "request-id", type: "http.middleware.requestid" },
      { name: "hello", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: [{
          method: "GET",
          path: "/hello",
          handler: "hello",
          middlewares: ["request-id"],
        }],
      },
    },
    exchanges: [{
      request: {
        method: "GET",
        path: "/hello",
        headers: { "X-Request-ID": "6f1c0a52-order-17" },
      },
      response: {
        status: 200,
        headers: { "X-Request-ID": "6f1c0a52-order-17" },
      },
    }],
  }],
  create(_config, host) {
    return {
      async process(context, next) {
        const given = context.request.headers.get("x-request-id");
        const id = given !== null && isSane(given)
          ? given
          : host.effects.ids.next();
        context.requestId = id;
        const response = await next();
        return amendHeaders(
          response,
          (headers) => headers.set("x-request-id", id),
        );
      },
    };
  },
});

/** What stands in logs and headers must be short and of harmless characters. */
function isSane(id: string): boolean {
  return id.length <= REQUEST_ID_CHARACTERS_MAX && SANE_ID.test(id);
}
