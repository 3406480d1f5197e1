/**
 * Calls an HTTP service. What the step may reach is checked before each hop, and
 * the status decides whether the run goes on, tries again or fails.
 *
 * @module
 */
import { z } from "zod";
import { defineStep } from "@engine/define.ts";
import {
  callHttp,
  failureOf,
  type HttpCall,
} from "@engine/outgoing/call_http.ts";
import { ANSWER_BYTES_MAX } from "@engine/outgoing/guarded_fetch.ts";

/**
 * How long a call may take at most, in milliseconds: ten minutes. The timeout of
 * the step is what ends it earlier.
 */
export const CALL_MS_MAX = 600_000;

const config = z.strictObject({
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    .default("GET").describe("The HTTP method"),
  url: z.string().min(1).describe(
    "Where to, with http or https; redirects are followed, at most five",
  ).meta({ examples: ["https://api.example.com/orders"], widget: "url" }),
  query: z.record(z.string().min(1), z.unknown()).default({}).describe(
    "Parameters added to the URL; a list repeats its name, null is left out",
  ),
  headers: z.record(z.string().min(1), z.string()).default({}).describe(
    "Headers to send. Credentials stay behind when a redirect leads to another " +
      "origin",
  ),
  body: z.unknown().optional().describe(
    "What to send: a text as it is, anything else as JSON",
  ),
  expect: z.array(z.int().min(100).max(599)).min(1).optional().describe(
    "The statuses that are a success; without it those from 200 to 299",
  ).meta({ examples: [[200, 404]] }),
  allowPrivateIPs: z.boolean().default(false).describe(
    "Let the call reach private addresses, such as this machine or its network",
  ),
  answerBytesMax: z.int().min(1).max(64 * 1024 * 1024)
    .default(ANSWER_BYTES_MAX)
    .describe("The size from which on an answer is refused")
    .meta({ unit: "bytes" }),
});

const output = z.strictObject({
  status: z.int().describe("The status"),
  headers: z.record(z.string(), z.string()).describe(
    "The headers, by name in lower case",
  ),
  body: z.unknown().describe(
    "The body: JSON where it can be read as that, else text; null if it is empty",
  ),
});

const LOCAL_SERVICE = {
  modules: [
    {
      name: "server",
      type: "http.server",
      config: { address: "127.0.0.1:8085" },
    },
    { name: "router", type: "http.router" },
    { name: "prices", type: "http.handler" },
  ],
  workflows: {
    http: {
      routes: [{ method: "POST", path: "/prices", handler: "prices" }],
    },
  },
} as const;

export default defineStep({
  type: "http.request",
  summary: "Calls an HTTP service and yields its answer",
  stability: "beta",
  config,
  output,
  examples: [{
    title: "Ask a service of the same machine",
    ...LOCAL_SERVICE,
    pipelines: {
      quote: {
        steps: [{
          id: "ask",
          use: "http.request",
          with: {
            method: "POST",
            url: "http://127.0.0.1:8085/prices",
            body: { sku: "${{ input.sku }}" },
            allowPrivateIPs: true,
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
  }, {
    title: "A private address is not reached unless the step allows it",
    ...LOCAL_SERVICE,
    pipelines: {
      quote: {
        steps: [{
          id: "ask",
          use: "http.request",
          with: { url: "http://127.0.0.1:8085/prices" },
        }],
      },
    },
    runs: [{ pipeline: "quote", status: "failed", error: "is not public" }],
  }],
  async run(config, { signal, idempotencyKey }, { effects }) {
    const { method, url, headers, expect } = config;
    const call: HttpCall = {
      method,
      url,
      headers,
      idempotencyKey,
      // Evaluated from JSON by expressions that yield JSON.
      query: config.query as NonNullable<HttpCall["query"]>,
      body: config.body as HttpCall["body"],
    };
    const result = await callHttp(effects, call, {
      timeoutMs: CALL_MS_MAX,
      signal,
      allowPrivateIPs: config.allowPrivateIPs,
      answerBytesMax: config.answerBytesMax,
    });
    const isSuccess = expect?.includes(result.status) ??
      (result.status >= 200 && result.status <= 299);
    if (isSuccess) return result;
    throw failureOf(call, result, effects.clock.now());
  },
});
