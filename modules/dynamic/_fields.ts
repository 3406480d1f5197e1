/**
 * The keys by which a document says what components may do, and how much.
 *
 * @module
 */
import { z } from "zod";
import { duration, secret } from "@engine/define.ts";

const HOST =
  /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i;

/** What holds where a document says nothing. */
export const DEFAULTS = { executionMs: 30_000, outputKeys: 1_000 } as const;

/** Of one component, or of all in a folder. */
export const SANDBOX_FIELDS = {
  requires: z.array(z.string().min(1)).default([])
    .describe(
      "Modules whose actions the code may call: init is given them by name, and each call as ctx.services",
    ),
  permissions: z.strictObject({
    net: z.array(
      z.string().regex(
        HOST,
        "Expected a host, such as api.example.com, *.example.com or localhost:8080",
      ),
    )
      .default([])
      .describe(
        "Hosts that ctx.fetch reaches, with a port if it is not that of the scheme; a private address must be named as it is",
      ),
    read: z.array(z.string().min(1)).default([])
      .describe(
        "Files and folders that ctx.read reaches, relative to the document",
      ),
    write: z.array(z.string().min(1)).default([])
      .describe(
        "Files and folders that ctx.write reaches, relative to the document",
      ),
    env: z.array(z.string().min(1)).default([])
      .describe("Environment variables that ctx.env(name) gives"),
  }).prefault({}).describe(
    "What the code may reach; nothing that is not listed",
  ),
  env: z.record(z.string().min(1), z.string()).default({})
    .describe("Values that ctx.env(name) gives")
    .meta({ examples: [{ REGION: "${REGION:-eu}" }] }),
  secrets: z.record(z.string().min(1), secret()).default({})
    .describe(
      "Values that ctx.secrets stands for: they take the place of what is found there on the way to a granted host",
    ),
  maxExecutionTime: duration().optional()
    .describe(
      "How long one call may take, 30 seconds by default; 0 for no limit",
    ),
  maxExecutionTimeSeconds: z.number().min(0).optional()
    .describe("maxExecutionTime as a number; holds if both are given").meta({
      unit: "s",
    }),
  maxConcurrency: z.int().min(0).default(0)
    .describe(
      "How many calls run at once, the others wait in turn; 0 for no limit",
    )
    .meta({ unit: "count" }),
  maxOutputSize: z.int().min(0).default(DEFAULTS.outputKeys)
    .describe(
      "How many keys a result may have at its top level; 0 for no limit",
    )
    .meta({ unit: "count" }),
};
