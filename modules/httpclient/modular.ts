/**
 * Calls HTTP services with what is the same for all calls to one of them: address,
 * headers, limits and further attempts. What it may reach is checked before each
 * hop, as in steps.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Host,
  type Issue,
  type JsonValue,
} from "@engine/define.ts";
import { Actions } from "@engine/services/actions.ts";
import { failureOf, type HttpCall } from "@engine/outgoing/call_http.ts";
import { ANSWER_BYTES_MAX } from "@engine/outgoing/guarded_fetch.ts";
import { HttpClient } from "@engine/services/http_client.ts";
import { inBothSpellings, inOneSpelling } from "../_spellings.ts";
import { Client, type ClientOptions } from "./_client.ts";

const time = z.union([duration(), z.number().min(0).meta({ unit: "s" })]);

const config = inBothSpellings({
  baseURL: z.url({ protocol: /^https?$/ }).optional().describe(
    "What calls begin with that name a path only",
  ).meta({ widget: "url", examples: ["https://api.example.com/v1"] }),
  headers: z.record(z.string().min(1), z.string()).default({}).describe(
    "Headers of every call; with a baseURL only of those to its origin",
  ),
  requestTimeout: time.default("30s").describe(
    "How long one attempt may take; a number counts seconds",
  ),
  retries: z.int().min(0).max(10).default(2).meta({ unit: "count" }).describe(
    "Further attempts after one without an answer, or with 408, 425, 429 or 5xx; POST and PATCH only with an idempotency key, which steps have",
  ),
  initialBackoff: time.default("200ms").describe(
    "The wait before the second attempt, of which up to a half is left out by chance; each one doubles it",
  ),
  maxBackoff: time.default("10s").describe(
    "The longest wait, also where a service asks for more",
  ),
  maxPerHost: z.int().min(1).max(1_000).default(10).meta({ unit: "count" })
    .describe("How many calls go to one host at a time; the others wait"),
  maxRedirects: z.int().min(0).max(20).default(5).meta({ unit: "count" })
    .describe("How many redirects are followed"),
  allowPrivateIPs: z.boolean().default(false).describe(
    "Let calls reach private addresses, such as this machine or its network",
  ),
  answerBytesMax: z.int().min(1).max(64 * 1024 * 1024).default(ANSWER_BYTES_MAX)
    .meta({ unit: "bytes" }).describe(
      "The size from which on an answer is refused",
    ),
});

type Config = z.output<typeof config>;

const requestInput = z.strictObject({
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    .default("GET").describe("The HTTP method"),
  url: z.string().min(1).describe(
    "Where to: a path below baseURL, or a whole URL",
  ),
  query: z.record(z.string().min(1), z.unknown()).default({}).describe(
    "Parameters added to the URL; a list repeats its name, null is left out",
  ),
  headers: z.record(z.string().min(1), z.string()).default({}).describe(
    "Headers beside those of the module, over which they take precedence",
  ),
  body: z.unknown().optional().describe(
    "What to send: a text as it is, anything else as JSON",
  ),
  expect: z.array(z.int().min(100).max(599)).min(1).optional().describe(
    "The statuses that are a success; without it those from 200 to 299",
  ),
});

const KEPT_BY_RUNTIME =
  "the runtime keeps connections as long as they are of use";

export default defineModule({
  type: "httpclient.modular",
  summary: "Calls HTTP services, with limits and further attempts",
  stability: "stable",
  config,
  section: "httpclient",
  inert: {
    maxIdle: KEPT_BY_RUNTIME,
    max_idle: KEPT_BY_RUNTIME,
    maxIdleConns: KEPT_BY_RUNTIME,
    max_idle_conns: KEPT_BY_RUNTIME,
    maxIdleConnsPerHost: KEPT_BY_RUNTIME,
    max_idle_conns_per_host: KEPT_BY_RUNTIME,
    idleConnTimeout: KEPT_BY_RUNTIME,
    idle_conn_timeout: KEPT_BY_RUNTIME,
    disableKeepAlives: KEPT_BY_RUNTIME,
    disable_keep_alives: KEPT_BY_RUNTIME,
    tlsTimeout: "requestTimeout covers the whole attempt",
    tls_timeout: "requestTimeout covers the whole attempt",
    disableCompression: "answers are unpacked as they come",
    disable_compression: "answers are unpacked as they come",
    verbose: "calls are counted, and failures are told",
    verboseOptions: "calls are counted, and failures are told",
    verbose_options: "calls are counted, and failures are told",
  },
  provides: [HttpClient, Actions],
  metrics: {
    http_client_calls_total: {
      kind: "counter",
      help: "Attempts to call HTTP services, by what came of them",
      labels: ["client", "outcome"],
      failed: { outcome: "failed" },
    },
  },
  actions: {
    request: {
      summary: "Calls a service and yields its answer",
      input: requestInput,
      output: z.strictObject({
        status: z.int().describe("The status"),
        headers: z.record(z.string(), z.string()).describe(
          "The headers, by name in lower case",
        ),
        body: z.unknown().describe(
          "The body: JSON where it can be read as that, else text; null if it is empty",
        ),
      }),
    },
  },
  check,
  examples: [{
    title: "Ask a service of the same machine",
    modules: [
      {
        name: "server",
        type: "http.server",
        config: { address: "127.0.0.1:8087" },
      },
      { name: "router", type: "http.router" },
      { name: "prices", type: "http.handler" },
      {
        name: "price-service",
        type: "httpclient.modular",
        config: {
          baseURL: "http://127.0.0.1:8087/v1",
          headers: { "X-Shop": "tea" },
          requestTimeout: "5s",
          allowPrivateIPs: true,
        },
      },
    ],
    workflows: {
      http: {
        routes: [{ method: "POST", path: "/v1/prices", handler: "prices" }],
      },
    },
    pipelines: {
      quote: {
        steps: [{
          id: "ask",
          use: "module:price-service.request",
          with: {
            method: "POST",
            url: "/prices",
            body: { sku: "${{ input.sku }}" },
          },
        }],
      },
    },
    runs: [{
      pipeline: "quote",
      input: { sku: "tea" },
      output: {
        status: 200,
        body: { handler: "prices", status: "success" },
      },
    }],
  }],
  create: (given, host) => make(inOneSpelling(config, given), host),
});

function check(given: Config): readonly Issue[] {
  const { requestTimeout, initialBackoff, maxBackoff } = inOneSpelling(
    config,
    given,
  );
  return Object.entries({ requestTimeout, initialBackoff, maxBackoff })
    .filter(([, time]) => msOf(time) <= 0)
    .map(([key]) => ({
      code: "invalid-value",
      path: [key],
      message: `${key} must be longer than 0`,
    }));
}

function make(settings: Config, host: Host): HttpClient & Actions {
  const client = new Client(optionsOf(settings), host);
  return {
    request: (call, options) => client.request(call, options),
    async act(_action, input, { signal, idempotencyKey }) {
      const { expect, ...rest } = requestInput.parse(input);
      // Evaluated from JSON by expressions that yield JSON.
      const call = { ...rest, idempotencyKey } as HttpCall;
      const result = await client.request(call, { signal });
      const isSuccess = expect?.includes(result.status) ??
        (result.status >= 200 && result.status <= 299);
      if (isSuccess) return result as JsonValue;
      throw failureOf(call, result, host.effects.clock.now());
    },
  };
}

function optionsOf(settings: Config): ClientOptions {
  const { requestTimeout, initialBackoff, maxBackoff, ...rest } = settings;
  return {
    ...rest,
    baseURL: rest.baseURL,
    timeoutMs: msOf(requestTimeout),
    initialBackoffMs: msOf(initialBackoff),
    maxBackoffMs: msOf(maxBackoff),
  };
}

function msOf(time: string | number): number {
  return typeof time === "number" ? time * 1_000 : durationMs(time);
}
