/**
 * Answers the HTTP request that began the run, if its trigger waits.
 *
 * @module
 */
import { z } from "zod";
import { defineStep } from "@engine/define.ts";

export default defineStep({
  type: "respond",
  summary: "Answers the HTTP request that began the run",
  stability: "stable",
  config: z.strictObject({
    status: z.int().min(200).max(599).default(200)
      .describe("The status of the answer"),
    headers: z.record(z.string(), z.string()).default({})
      .describe("Headers of the answer"),
    body: z.unknown().optional().describe(
      "A text as it is, anything else as JSON",
    ),
  }),
  output: z.strictObject({
    status: z.number().describe("The status of the answer"),
    headers: z.record(z.string(), z.string()).describe(
      "Headers of the answer",
    ),
    body: z.unknown().describe("What was answered"),
  }),
  examples: [{
    title: "Answer before the work is done",
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router" },
    ],
    workflows: { http: { routes: [] } },
    triggers: {
      http: {
        routes: [{
          method: "POST",
          path: "/orders",
          pipeline: "order",
          wait: true,
        }],
      },
    },
    pipelines: {
      order: {
        input: { item: "string" },
        steps: [{
          id: "answer",
          use: "respond",
          with: {
            status: 201,
            headers: { "x-item": "${{ input.item }}" },
            body: { ordered: "${{ input.item }}" },
          },
        }, { id: "pack", use: "log", with: { message: "Packing" } }],
      },
    },
    exchanges: [{
      request: { method: "POST", path: "/orders", body: { item: "tea" } },
      response: {
        status: 201,
        headers: { "x-item": "tea" },
        body: { ordered: "tea" },
      },
    }, {
      request: { method: "POST", path: "/orders", body: {} },
      response: { status: 400 },
    }],
    runs: [{ pipeline: "order", input: { item: "tea" } }],
  }],
  run: ({ status, headers, body }) => ({
    status,
    headers,
    body: (body ?? null) as null,
  }),
});
