/**
 * A gateway: sends requests on to named backends, with failover, a circuit
 * breaker, a cache and tenants where they are asked for.
 *
 * @module
 */
import { defineModule } from "@engine/define.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { Gateway } from "./_gateway.ts";
import { checkGateway } from "./_gateway_check.ts";
import { gatewayConfig } from "../_gateway_config.ts";

export default defineModule({
  type: "http.proxy",
  summary: "Sends requests on to named backends",
  stability: "stable",
  config: gatewayConfig,
  section: "reverseproxy",
  provides: [HttpHandler, HealthReporter],
  inert: {
    metrics_enabled: "The engine counts every HTTP request by itself",
    metrics_path: "Metrics are served by metrics.collector",
    metrics_endpoint: "Metrics are served by metrics.collector",
  },
  check: checkGateway,
  examples: [{
    title: "Backends by the first word of the path",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      {
        name: "gateway",
        type: "http.proxy",
        config: {
          backend_services: {
            users: "http://127.0.0.1:9",
            orders: "http://127.0.0.1:9",
          },
          timeout: 10,
          require_tenant_id: true,
        },
      },
    ],
    workflows: {
      http: {
        routes: [{ method: "GET", path: "/api/{path...}", handler: "gateway" }],
      },
    },
    exchanges: [{
      request: { method: "GET", path: "/api/users/7" },
      response: {
        status: 400,
        body: { error: "The header X-Tenant-ID is missing" },
      },
    }, {
      request: {
        method: "GET",
        path: "/api/users/7",
        headers: { "X-Tenant-ID": "north" },
      },
      response: {
        status: 502,
        body: { backend: "127.0.0.1:9", path: "/api/users/7" },
      },
    }, {
      request: {
        method: "GET",
        path: "/api/products",
        headers: { "X-Tenant-ID": "north" },
      },
      response: { status: 404 },
    }],
  }],
  create: (config, host) => new Gateway(config, host),
});
