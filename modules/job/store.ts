/**
 * Keeps how jobs went: every run of the scheduler section, and what topics tell.
 * Behind a route it shows them.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import type { Message } from "@engine/services/broker.ts";
import {
  type HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import { JobRecords } from "@engine/services/job_records.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import {
  MemoryRecords,
  type RunRecords,
  StoredRecords,
} from "./_run_records.ts";

/** How much of a message a record keeps, in characters of its JSON. */
export const PAYLOAD_CHARACTERS_KEPT = 1_000;

/** How much of an error a record keeps, in characters. */
export const ERROR_CHARACTERS_KEPT = 1_000;

/** How many records an answer shows where the request does not say. */
export const RECORDS_SHOWN = 100;

export default defineModule({
  type: "job.store",
  summary: "Keeps how jobs went, and shows it",
  stability: "stable",
  config: z.strictObject({
    storeType: z.enum(["durable", "memory"]).default("durable").describe(
      "Where records are kept: durable in the engine's store, memory until " +
        "the process ends",
    ),
    recordsMax: z.int().min(1).max(10_000).default(1_000).describe(
      "How many records are kept; the oldest go first",
    ).meta({ unit: "count" }),
  }),
  provides: [MessageHandler, JobRecords, HttpHandler],
  examples: [{
    title: "See how the jobs of each hour went",
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router" },
      {
        name: "hourly",
        type: "scheduler.cron",
        config: { cronExpression: "@hourly" },
      },
      { name: "clean-up", type: "messaging.handler" },
      { name: "jobs", type: "job.store" },
    ],
    workflows: {
      http: { routes: [{ method: "GET", path: "/jobs", handler: "jobs" }] },
      scheduler: { jobs: [{ scheduler: "hourly", job: "clean-up" }] },
    },
    exchanges: [{
      request: { method: "GET", path: "/jobs" },
      response: { status: 200, body: [] },
    }, {
      request: { method: "GET", path: "/jobs?limit=none" },
      response: { status: 400 },
    }],
  }],
  create({ storeType, recordsMax }, host) {
    const records: RunRecords = storeType === "memory"
      ? new MemoryRecords(recordsMax)
      : new StoredRecords(host, recordsMax);
    return {
      record: ({ error, ...run }) =>
        records.add({
          ...run,
          ...(error === undefined ? {} : { error: shortened(error) }),
        }),
      receive: ({ id, topic, payload, publishedAt }) =>
        records.add({
          topic,
          message: id,
          at: publishedAt,
          payload: keptPayload(payload),
        }),
      handle: (context: HttpContext) => answer(context, records),
    };
  },
});

async function answer(
  { method, query }: HttpContext,
  records: RunRecords,
): Promise<Response> {
  if (method !== "GET" && method !== "HEAD") {
    return Response.json({ error: "Only GET is answered here" }, {
      status: 405,
      headers: { allow: "GET, HEAD" },
    });
  }
  const limit = query.get("limit") ?? `${RECORDS_SHOWN}`;
  if (!/^[1-9]\d{0,4}$/.test(limit)) {
    return Response.json({ error: `"${limit}" is no limit: 1 to 99999 is` }, {
      status: 400,
    });
  }
  return Response.json(await records.newest(Number(limit)), {
    headers: { "cache-control": "no-store" },
  });
}

/** The payload, or the start of its JSON where that is long. */
function keptPayload(payload: Message["payload"]) {
  const text = JSON.stringify(payload);
  return text.length <= PAYLOAD_CHARACTERS_KEPT
    ? payload
    : `${text.slice(0, PAYLOAD_CHARACTERS_KEPT)}…`;
}

function shortened(error: string): string {
  return error.length <= ERROR_CHARACTERS_KEPT
    ? error
    : `${error.slice(0, ERROR_CHARACTERS_KEPT)}…`;
}
