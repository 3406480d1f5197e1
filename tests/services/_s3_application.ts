/**
 * An application with a bucket on an S3 server, in the hands of a test.
 *
 * @module
 */
import type { JsonObject } from "../../engine/define.ts";
import { type Effects, systemEffects } from "../../engine/effects.ts";
import { Actions } from "../../engine/services/actions.ts";
import { HealthReporter } from "../../engine/services/health_reporter.ts";
import { ObjectStorage } from "../../engine/services/object_storage.ts";
import { startApplication } from "../../engine/testing.ts";
import checker from "../../modules/health/checker.ts";
import router from "../../modules/http/router.ts";
import httpServer from "../../modules/http/server.ts";
import broker from "../../modules/messaging/broker.ts";
import engine from "../../modules/statemachine/engine.ts";
import s3 from "../../modules/storage/s3.ts";
import messaging from "../../workflows/types/messaging.ts";
import statemachine from "../../workflows/types/statemachine.ts";
import { SECRET } from "./s3_server.ts";

/** A signal that never aborts. */
export const NEVER: AbortSignal = new AbortController().signal;

/** A server that comes back late must not cost a message. */
const DURABLE = { durable: true, attemptsMax: 50, retryBackoffMs: 200 };

const DEFINITIONS = [
  ...[checker, router, httpServer, broker, engine, s3],
  ...[messaging, statemachine],
];

/** Archives what is paid and what is shipped. */
const WORKFLOWS = {
  messaging: {
    broker: "events",
    subscriptions: [{ topic: "order.paid", handler: "store" }],
  },
  statemachine: {
    engine: "machine",
    hooks: [{ transitions: ["ship"], handler: "store" }],
    definitions: [{
      name: "order",
      initialState: "new",
      states: { new: {}, shipped: { isFinal: true } },
      transitions: { ship: { fromState: "new", toState: "shipped" } },
    }],
  },
};

/** How an application differs. */
export interface BucketOptions {
  readonly config?: JsonObject;
  readonly effects?: Effects;
  readonly folder?: string;
}

let buckets = 0;

/** Starts an application with a bucket of its own. */
export async function openBucket(
  { endpoint }: { readonly endpoint: string },
  { config = {}, effects = systemEffects(), folder }: BucketOptions = {},
) {
  const bucket = `bucket-${++buckets}`;
  const own = {
    ...{ bucket, endpoint, accessKeyId: "the-key", secretAccessKey: SECRET },
    createBucket: true,
    ...config,
  };
  const address = "127.0.0.1:0";
  const app = await startApplication({
    document: {
      modules: [
        { name: "server", type: "http.server", config: { address } },
        { name: "router", type: "http.router" },
        { name: "health", type: "health.checker" },
        { name: "events", type: "messaging.broker", config: DURABLE },
        { name: "machine", type: "statemachine.engine" },
        { name: "store", type: "storage.s3", config: own },
      ],
      workflows: WORKFLOWS,
    },
    definitions: DEFINITIONS,
    effects,
    ...folder === undefined ? {} : { folder },
  });
  const act = (action: string, input: JsonObject) =>
    app.service(Actions, "store").act(action, input, {
      signal: NEVER,
      idempotencyKey: "k",
      // Tests read what they know to be there.
      // deno-lint-ignore no-explicit-any
    }) as Promise<any>;
  return {
    app,
    act,
    bucket,
    storage: app.service(ObjectStorage, "store"),
    health: () => app.service(HealthReporter, "store").health(),
    keys: async (prefix = "") => {
      const keys: string[] = [];
      let after: string | undefined;
      do {
        const page = await act("list", { prefix, ...after && { after } });
        for (const { key } of page.objects) keys.push(key);
        after = page.next;
      } while (after !== undefined);
      return keys;
    },
    ready: async () => (await app.request("GET", "/readyz")).status,
    [Symbol.asyncDispose]: () => app.stop(),
  };
}
