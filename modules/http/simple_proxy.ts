/**
 * Sends requests on by the beginning of their path. Everything that
 * `http.proxy` adds (failover, caching, tenants) is left out on purpose.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Issue,
} from "@engine/define.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { notPositive } from "../_positive_duration.ts";
import { textAnswer } from "../_text_answer.ts";
import { backendUrl, below, targetOf } from "../_backend_url.ts";
import { forward, forwardedHeaders } from "./_forward.ts";
import { answerTo } from "./_proxy_answer.ts";

const config = z.strictObject({
  targets: z.record(z.string(), backendUrl())
    .default({})
    .describe(
      "Backends by the beginning of the path; the longest that fits is taken. It is compared letter by letter: /api/order fits /api/orders as well",
    ),
  timeout: duration()
    .default("30s")
    .describe("How long a backend may take until its answer begins"),
});

export default defineModule({
  type: "http.simple_proxy",
  summary: "Sends requests on to backends by the beginning of their path",
  stability: "stable",
  config,
  provides: [HttpHandler],
  check: ({ targets, timeout }) => [
    ...Object.keys(targets).flatMap(withoutSlash),
    ...notPositive({ timeout }),
  ],
  examples: [{
    title: "A gateway in front of two services",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      {
        name: "gateway",
        type: "http.simple_proxy",
        config: {
          targets: {
            "/api/orders": "http://127.0.0.1:9",
            "/api/auth": "http://127.0.0.1:9/identity",
          },
        },
      },
    ],
    workflows: {
      http: {
        routes: [{ method: "GET", path: "/api/{path...}", handler: "gateway" }],
      },
    },
    exchanges: [{
      request: { method: "GET", path: "/api/orders/17" },
      response: {
        status: 502,
        body: { backend: "127.0.0.1:9", path: "/api/orders/17" },
      },
    }, {
      request: { method: "GET", path: "/api/products" },
      response: { status: 502, body: "No backend serves this path\n" },
    }],
  }],
  create(config, host) {
    const targets = Object.entries(config.targets)
      .map(([prefix, url]) => ({ prefix, backend: new URL(url) }))
      .toSorted((a, b) => b.prefix.length - a.prefix.length);
    const timeoutMs = durationMs(config.timeout);
    return {
      async handle(context) {
        const target = targetOf(context);
        const found = targets.find(({ prefix }) =>
          target.path.startsWith(prefix)
        );
        if (!found) return textAnswer(502, "No backend serves this path");
        const place = { backend: found.backend.host, path: target.path };
        const outcome = await forward(context, {
          url: below(found.backend, target),
          headers: forwardedHeaders(context),
          timeoutMs,
        }, host.effects);
        return answerTo(outcome, place, host.log);
      },
    };
  },
});

function withoutSlash(prefix: string): readonly Issue[] {
  if (prefix.startsWith("/")) return [];
  return [{
    code: "invalid-route",
    path: ["targets", prefix],
    message: `The prefix "${prefix}" fits no path: it must begin with "/"`,
  }];
}
