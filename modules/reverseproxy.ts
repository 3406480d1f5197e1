/**
 * The gateway under the name that older documents give it.
 *
 * @module
 */
import { defineAlias } from "@engine/define.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { gatewayConfig } from "./_gateway_config.ts";

const COUNTED = "The engine counts every HTTP request by itself";

export default defineAlias({
  type: "reverseproxy",
  summary: "Sends requests on to named backends: http.proxy by its older name",
  stability: "stable",
  config: gatewayConfig,
  section: "reverseproxy",
  provides: [HttpHandler, HealthReporter],
  inert: {
    metrics_enabled: COUNTED,
    metrics_path: "Metrics are served by metrics.collector",
    metrics_endpoint: "Metrics are served by metrics.collector",
  },
  of: "http.proxy",
  examples: [{
    title: "A gateway in front of two services",
    modules: [
      {
        name: "server",
        type: "httpserver.modular",
        config: { address: "127.0.0.1:0" },
      },
      { name: "router", type: "chimux.router" },
      {
        name: "gateway",
        type: "reverseproxy",
        config: {
          backend_services: {
            users: "http://127.0.0.1:9",
            orders: "http://127.0.0.1:9",
          },
        },
      },
    ],
    workflows: {
      http: {
        routes: [{ method: "GET", path: "/api/users", handler: "gateway" }],
      },
    },
    exchanges: [{
      request: { method: "GET", path: "/api/users" },
      response: {
        status: 502,
        body: { backend: "127.0.0.1:9", path: "/api/users" },
      },
    }],
  }],
  rewrite: (config) => config,
});
