/**
 * Carries messages inside of one process. Each subscriber has a queue of its
 * own; nothing is kept across a restart.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { Broker } from "@engine/services/broker.ts";
import { MemoryBroker } from "../_memory_broker/memory_broker.ts";

/** How many messages may wait for one subscriber, the one under way included. */
export const QUEUE_MESSAGES_MAX = 10_000;

/** How long a publisher waits for room in a full queue, in milliseconds. */
export const PUBLISH_WAIT_MS = 1_000;

/** How many messages concurrent subscribers handle at a time. */
export const WORKERS = 5;

export default defineModule({
  type: "messaging.broker",
  summary: "Carries messages between the modules of one process",
  stability: "stable",
  config: z.strictObject({}),
  inert: {
    topics: "A topic exists as soon as somebody publishes or subscribes to it",
  },
  provides: [Broker],
  examples: [{
    title: "Log every event of an order",
    modules: [
      { name: "events", type: "messaging.broker" },
      { name: "order-log", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        broker: "events",
        subscriptions: [{ topic: "order.*", handler: "order-log" }],
      },
    },
  }],
  create: (_config, host) =>
    new MemoryBroker({
      queueMessagesMax: QUEUE_MESSAGES_MAX,
      publishWaitMs: PUBLISH_WAIT_MS,
      workers: WORKERS,
    }, host),
});
