/**
 * The HTTP server under its name and with the keys of the original's framework.
 *
 * @module
 */
import { z } from "zod";
import { defineAlias, duration, type Issue, ref } from "@engine/define.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { HttpServer } from "@engine/services/http_server.ts";

/** Where it listens if nothing says so. */
const PORT = 8_080;

const timeout = z.union([duration(), z.number().min(0).meta({ unit: "s" })]);

const config = z.strictObject({
  host: z.string().min(1).optional().describe(
    "The address of this machine on which to listen; absent: all of them",
  ),
  port: z.int().min(0).max(65_535).optional().describe(
    `The port; 0 takes any free one; absent: that of address, else ${PORT}`,
  ),
  address: z.string().min(1).optional().describe(
    "Host and port in one, such as :8080; what host and port say wins",
  ),
  router: ref(HttpRouter, { implied: "never" }).optional().describe(
    "The router that answers where workflows.http has not given this server " +
      "one; absent: the first of the document",
  ),
  read_timeout: timeout.default("15s").describe(
    "How long a request body may take to arrive; a number counts seconds; 0: any time",
  ),
  readTimeoutSeconds: z.number().min(0).optional().meta({ unit: "s" }).describe(
    "The same in seconds; wins over read_timeout",
  ),
  write_timeout: timeout.default("15s").describe(
    "How long an answer may take to begin; a number counts seconds; 0: any time",
  ),
  writeTimeoutSeconds: z.number().min(0).optional().meta({ unit: "s" })
    .describe("The same in seconds; wins over write_timeout"),
  shutdown_timeout: timeout.default("30s").describe(
    "How long requests under way may take to end when the server stops; a number counts seconds",
  ),
  tls: z.strictObject({
    enabled: z.boolean().default(false).describe(
      "Must be false: what speaks TLS stands in front of the server",
    ),
  }).optional().describe("Encryption, which this server leaves to others"),
});

type Config = z.output<typeof config>;

const NO_TLS = "the server speaks no TLS";

export default defineAlias({
  type: "httpserver.modular",
  summary: "Listens for HTTP requests, with the keys of older documents",
  stability: "stable",
  config,
  section: "httpserver",
  inert: {
    idle_timeout: "how long a connection may be idle is up to the runtime",
    "tls.cert_file": NO_TLS,
    "tls.key_file": NO_TLS,
    "tls.use_service": NO_TLS,
    "tls.auto_generate": NO_TLS,
    "tls.domains": NO_TLS,
  },
  provides: [HttpServer],
  of: "http.server",
  check: ({ tls }): readonly Issue[] =>
    tls?.enabled
      ? [{
        code: "invalid-value",
        path: ["tls", "enabled"],
        message:
          "httpserver.modular speaks no TLS: it would answer in the open",
        help: "Put a proxy that speaks TLS in front of it, and take tls out",
      }]
      : [],
  examples: [{
    title: "The server and the router of the framework",
    modules: [
      {
        name: "server",
        type: "httpserver.modular",
        config: { address: "127.0.0.1:0", readTimeoutSeconds: 30 },
      },
      { name: "router", type: "chimux.router" },
      { name: "hello", type: "http.handler" },
    ],
    workflows: {
      http: { routes: [{ method: "GET", path: "/hello", handler: "hello" }] },
    },
    exchanges: [{
      request: { method: "GET", path: "/hello" },
      response: { status: 200, body: { handler: "hello" } },
    }],
  }],
  rewrite: (config) => ({
    ...addressOf(config),
    ...(config.router === undefined ? {} : { router: config.router }),
    readTimeout: config.readTimeoutSeconds ?? config.read_timeout,
    writeTimeout: config.writeTimeoutSeconds ?? config.write_timeout,
    drainTimeout: typeof config.shutdown_timeout === "number"
      ? `${config.shutdown_timeout}s`
      : config.shutdown_timeout,
  }),
});

/** The port stands behind the last colon, unless an IPv6 address ends there. */
function addressOf({ host, port, address }: Config): { address: string } {
  const [, stated = "", behind] = /^(.*?)(?::(\d+))?$/.exec(address ?? "") ??
    [];
  const name = host === undefined
    ? stated
    : host.includes(":") && !host.startsWith("[")
    ? `[${host}]`
    : host;
  return { address: `${name}:${port ?? behind ?? PORT}` };
}
