/**
 * Listens for HTTP and hands each request to a router.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Issue,
  ref,
} from "@engine/define.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { HttpServer } from "@engine/services/http_server.ts";
import { EVERY_HOST, parseAddress, PORT_MAX } from "./_address.ts";
import { Server } from "./_server.ts";

/** Older documents may state seconds as a number. */
const timeout = z.union([
  duration(),
  z.number().min(0).meta({ unit: "s" }),
]);

const config = z.strictObject({
  address: z.string().min(1)
    .optional()
    .describe(
      "Where to listen: :8080, 127.0.0.1:8080 or [::1]:80; port 0 takes any free port",
    ),
  port: z.int().min(0).max(PORT_MAX)
    .optional()
    .describe("The port, where the address names none"),
  router: ref(HttpRouter, { implied: "never" })
    .optional()
    .describe(
      "The router that answers where workflows.http has not given this server " +
        "one; absent: the first of the document",
    ),
  readTimeout: timeout
    .optional()
    .describe(
      "How long a request body may take to arrive, after which the answer is 408; a number counts seconds; absent or 0: any time",
    ),
  writeTimeout: timeout
    .optional()
    .describe(
      "How long an answer may take to begin, after which it is 503; a number counts seconds; absent or 0: any time",
    ),
  drainTimeout: duration()
    .default("5s")
    .describe(
      "How long requests under way may take to end when the server stops",
    ),
  maxBodyBytes: z.int().min(0)
    .default(10_485_760)
    .meta({ unit: "bytes" })
    .describe("The longest request body; the answer to a longer one is 413"),
  maxUrlCharacters: z.int().min(64)
    .default(8_192)
    .meta({ unit: "count" })
    .describe("The longest URL; the answer to a longer one is 414"),
});

export default defineModule({
  type: "http.server",
  summary: "Listens for HTTP requests",
  stability: "stable",
  config,
  provides: [HttpServer],
  check: checkAddress,
  examples: [{
    title: "A server with one route",
    modules: [
      {
        name: "server",
        type: "http.server",
        config: { address: "127.0.0.1:0", readTimeout: "30s" },
      },
      { name: "router", type: "http.router" },
      { name: "hello", type: "http.handler" },
    ],
    workflows: {
      http: {
        server: "server",
        router: "router",
        routes: [{ method: "GET", path: "/hello", handler: "hello" }],
      },
    },
    exchanges: [
      {
        request: { method: "GET", path: "/hello" },
        response: { status: 200, body: { handler: "hello" } },
      },
      {
        request: { method: "HEAD", path: "/hello" },
        response: { status: 200, body: "" },
      },
    ],
  }],
  create(config, host) {
    const readTimeoutMs = timeoutMs(config.readTimeout);
    const writeTimeoutMs = timeoutMs(config.writeTimeout);
    return new Server(
      {
        address: addressOf(config),
        router: config.router,
        urlCharactersMax: config.maxUrlCharacters,
        bodyBytesMax: config.maxBodyBytes,
        drainTimeoutMs: durationMs(config.drainTimeout),
        ...(readTimeoutMs > 0 && { readTimeoutMs }),
        ...(writeTimeoutMs > 0 && { writeTimeoutMs }),
      },
      host,
    );
  },
});

/** In milliseconds; 0 for none. */
function timeoutMs(given: z.output<typeof timeout> = 0): number {
  return typeof given === "number" ? given * 1_000 : durationMs(given);
}

function checkAddress(
  { address, port }: z.output<typeof config>,
): readonly Issue[] {
  if (address === undefined) {
    if (port !== undefined) return [];
    return [{
      code: "missing-key",
      path: ["address"],
      message: '"address" is missing',
      help: 'Write where to listen, such as address: ":8080"',
    }];
  }
  const parsed = parseAddress(address);
  if (parsed === undefined) {
    return [{
      code: "invalid-value",
      path: ["address"],
      message: `"${address}" is no address to listen on`,
      help: 'Write ":8080", "127.0.0.1:8080" or "[::1]:80"',
    }];
  }
  if (parsed.port === undefined && port === undefined) {
    return [{
      code: "invalid-value",
      path: ["address"],
      message: `"${address}" names no port`,
      help: `Write "${address}:8080"`,
    }];
  }
  if (parsed.port === undefined || port === undefined) return [];
  return parsed.port === port ? [] : [{
    code: "ineffective-key",
    path: ["port"],
    message: `"port" has no effect: the address names port ${parsed.port}`,
    severity: "warning",
  }];
}

/** The check has made sure that there is one. */
function addressOf({ address, port }: z.output<typeof config>) {
  const parsed = address === undefined ? undefined : parseAddress(address);
  return {
    hostname: parsed?.hostname ?? EVERY_HOST,
    port: parsed?.port ?? port ?? 0,
  };
}
