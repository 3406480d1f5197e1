/**
 * What may be written under `connectors:`.
 *
 * @module
 */
import { z } from "zod";
import { secret } from "@engine/define.ts";
import { type Driver, DRIVERS } from "@engine/outgoing/sql/database.ts";

const name = z.string().min(1).describe("Its name, to which steps refer");

const httpConnector = z.strictObject({
  name,
  type: z.enum(["http", "rest", "api"]).describe("An HTTP service"),
  config: z.strictObject({
    baseURL: z.url({ protocol: /^https?$/ }).describe(
      "Where the paths of actions begin",
    ).meta({ widget: "url", examples: ["https://api.example.com/v1"] }),
    authType: z.enum(["none", "basic", "bearer"]).default("none").describe(
      "How it knows us: by username and password, or by a token",
    ),
    username: z.string().min(1).optional().describe("Of basic"),
    password: secret().optional().describe("Of basic"),
    token: secret().optional().describe("Of bearer"),
    headers: z.record(z.string().min(1), z.string()).default({}).describe(
      "Headers of every request; JSON is the content type unless they say otherwise",
    ),
    timeoutSeconds: z.number().positive().max(3_600).default(30).describe(
      "How long a call may take, and how long it may wait for its turn before",
    ).meta({ unit: "s" }),
    requestsPerMinute: z.number().positive().max(1_000_000).optional().describe(
      "Calls begin at even intervals, so many a minute; the others wait",
    ).meta({ unit: "per minute" }),
    allowPrivateIPs: z.boolean().default(false).describe(
      "Let calls reach private addresses, such as this machine or its network",
    ),
  }).describe("How it is called"),
}).meta({ title: "HTTP" });

const handler = z.union([
  z.strictObject({
    workflow: z.string().min(1).meta({ scope: "workflow" }).describe(
      "The workflow that gets the event",
    ),
    action: z.string().min(1).meta({ scope: "action" }).describe(
      "What it is to do",
    ),
  }).meta({ title: "Workflow" }),
  z.strictObject({
    topic: z.string().min(1).describe("The topic on which it is published"),
  }).meta({ title: "Topic" }),
]);

const webhookConnector = z.strictObject({
  name,
  type: z.literal("webhook").describe("Receives events from outside"),
  config: z.strictObject({
    path: z.string().min(1).describe("The path on which events arrive"),
    hostname: z.string().min(1).default("0.0.0.0").describe(
      "The address to listen on; 0.0.0.0 stands for all",
    ),
    port: z.int().min(0).max(65_535).default(8_080).describe(
      "The port to listen on, which no http.server may have",
    ),
    handlers: z.record(z.string().min(1), handler).default({}).describe(
      "What becomes of events, by their field type; default takes the rest. " +
        "What nobody takes is answered with 501",
    ),
    secret: secret().optional().describe(
      "Take only events that are signed with it, as the Standard Webhooks " +
        "specification has it",
    ),
  }).describe("Where it receives"),
});

const databaseConnector = z.strictObject({
  name,
  type: z.literal("database").describe("A database"),
  config: z.strictObject({
    driver: z.enum(Object.keys(DRIVERS) as [Driver, ...Driver[]]).describe(
      "sqlite (or sqlite3), which runs in this process and stops all else while " +
        "a statement runs; or postgres (or postgresql)",
    ),
    dsn: secret().describe(
      "Of sqlite a file below the document's folder, or :memory:; of postgres a URL",
    ).meta({ examples: ["orders.db", "postgres://app@db:5432/orders"] }),
    maxOpenConns: z.int().min(1).max(1_000).optional().describe(
      "Connections to postgres, 10 where it is absent; sqlite has one",
    ).meta({ unit: "count" }),
  }).describe("Which database"),
});

/** One connector. */
export const connector = z.discriminatedUnion("type", [
  httpConnector,
  webhookConnector,
  databaseConnector,
]);

/** A checked connector. */
export type ConnectorEntry = z.output<typeof connector>;
