/**
 * Bounds how often one client may ask. Clients are told apart by their address,
 * and each module has its own count, which several processes over one store
 * share. Where there is one process, nothing of it survives a restart.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { clientKey } from "../../_client_key.ts";
import { textAnswer } from "../../_text_answer.ts";
import { limiterOf } from "../../_limiter.ts";
import { BUCKETS_MAX } from "../../_token_buckets.ts";
import {
  ADDRESS_OR_NETWORK,
  type ClientAddress,
  loadClientAddress,
  peerAddress,
} from "../_client_address.ts";

/** How many clients a module remembers; past that it forgets the quiet ones. */
export const CLIENTS_MAX = BUCKETS_MAX;

export default defineModule({
  type: "http.middleware.ratelimit",
  summary: "Bounds how many requests one client may send",
  stability: "stable",
  config: z.strictObject({
    requestsPerMinute: z.number().positive()
      .default(60)
      .meta({ unit: "per minute" })
      .describe(
        "How many requests a client may send in the long run; one more is answered 429",
      ),
    burstSize: z.number().min(1)
      .default(10)
      .meta({ unit: "count" })
      .describe("How many requests a client may send at once"),
    trustedProxies: z.array(
      z.string().regex(
        ADDRESS_OR_NETWORK,
        "Expected an address or a network, such as 10.0.0.0/8",
      ),
    )
      .default([])
      .describe(
        "The proxies in front whose X-Forwarded-For is believed; without any, the client is whoever connects",
      ),
  }),
  provides: [HttpMiddleware],
  examples: [{
    title: "One request a minute",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      {
        name: "limit",
        type: "http.middleware.ratelimit",
        config: { requestsPerMinute: 1, burstSize: 1 },
      },
      { name: "report", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: [{
          method: "GET",
          path: "/report",
          handler: "report",
          middlewares: ["limit"],
        }],
      },
    },
    exchanges: [{
      request: { method: "GET", path: "/report" },
      response: { status: 200 },
    }, {
      request: { method: "GET", path: "/report" },
      response: { status: 429 },
    }],
  }],
  create({ requestsPerMinute, burstSize, trustedProxies }, host) {
    const limiter = limiterOf(host, {
      perMinute: requestsPerMinute,
      capacity: burstSize,
      keysMax: CLIENTS_MAX,
    });
    let clientAddress: ClientAddress = peerAddress;
    return {
      async start() {
        clientAddress = await loadClientAddress(trustedProxies);
      },
      process(context, next) {
        const address = clientAddress(
          context.remoteAddress,
          context.request.headers.get("x-forwarded-for"),
        );
        const waitMs = limiter.take(clientKey(address));
        return typeof waitMs === "number"
          ? passed(waitMs, next)
          : waitMs.then((ms) => passed(ms, next));
      },
    };
  },
});

function passed(
  waitMs: number,
  next: () => Promise<Response>,
): Promise<Response> | Response {
  if (waitMs === 0) return next();
  return textAnswer(429, "Too many requests", {
    "retry-after": String(Math.ceil(waitMs / 1_000)),
  });
}
