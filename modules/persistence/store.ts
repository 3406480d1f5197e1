/**
 * Keeps resources in the engine's own store, which is durable by itself. The
 * module exists so that a document can say where resources live, and so that
 * their health is seen.
 *
 * @module
 */
import { defineModule, type Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { recordsOver } from "@engine/records.ts";
import { Actions } from "@engine/services/actions.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { Persistence } from "@engine/services/persistence.ts";
import { z } from "zod";
import { actingOn, storeActions } from "./_store_actions.ts";

export default defineModule({
  type: "persistence.store",
  summary: "Keeps resources durably and reports whether they can be read",
  stability: "stable",
  config: z.strictObject({}),
  provides: [Persistence, HealthReporter, Actions],
  actions: storeActions,
  inert: {
    database:
      "resources are kept in the engine's store; projection into a database is not part of this build",
  },
  examples: [{
    title: "Keep the resources of a handler",
    modules: [
      {
        name: "server",
        type: "http.server",
        config: { address: "127.0.0.1:0" },
      },
      { name: "router", type: "http.router", dependsOn: ["server"] },
      { name: "persistence", type: "persistence.store" },
      {
        name: "notes",
        type: "api.handler",
        config: { resourceName: "notes", persistence: "persistence" },
      },
    ],
    workflows: {
      http: {
        routes: [
          { method: "POST", path: "/api/notes", handler: "notes" },
          { method: "GET", path: "/api/notes", handler: "notes" },
        ],
      },
    },
    exchanges: [
      {
        request: {
          method: "POST",
          path: "/api/notes",
          body: { id: "n1", text: "Buy tea" },
        },
        response: { status: 201, body: { id: "n1", state: "new" } },
      },
      {
        request: { method: "GET", path: "/api/notes" },
        response: {
          status: 200,
          body: [{ id: "n1", data: { id: "n1", text: "Buy tea" } }],
        },
      },
    ],
  }],
  create,
});

function create(_config: unknown, host: Host) {
  const records = recordsOver(host.store, host.effects);
  const collection = (type: string) => records.collection(type);
  return {
    collection,
    ...actingOn({ collection }),
    healthName: `persistence.${host.name}`,
    health: () => readOnce(host),
  };
}

/** Reads for real: a store that answers nothing is not healthy. */
async function readOnce({ store }: Host): Promise<Health> {
  try {
    for await (const _ of store.list({ prefix: ["resource"] }, { limit: 1 })) {
      // One entry, or none, is proof enough.
    }
    return { status: "healthy" };
  } catch (error) {
    return { status: "degraded", message: messageOf(error) };
  }
}
