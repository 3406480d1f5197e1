/**
 * The event bus of an application: carries events inside of one process, within
 * bounds that the document states. Events about the application's own workflows
 * are published on it.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { Broker } from "@engine/services/broker.ts";
import { EventBus } from "@engine/services/event_bus.ts";
import { MemoryBroker } from "../_memory_broker/memory_broker.ts";

const config = z.strictObject({
  engine: z.literal("memory").default("memory").describe(
    "What carries the events: the memory of the process",
  ),
  maxEventQueueSize: z.int().min(1).default(1_000).meta({ unit: "count" })
    .describe(
      "How many events may wait, those of all subscribers together; the bus " +
        "takes no more until some are handled",
    ),
  defaultEventBufferSize: z.int().min(1).default(10).meta({ unit: "count" })
    .describe("How many events may wait for one subscriber"),
  workerCount: z.int().min(1).max(1_000).default(5).meta({ unit: "count" })
    .describe(
      "How many events are handled at a time for subscriptions with async: true, " +
        "all of them together",
    ),
  eventTTL: z.number().min(0).default(3_600).meta({ unit: "s" }).describe(
    "After how long an event that still waits is not delivered any more",
  ),
  deliveryMode: z.enum(["drop", "block", "timeout"]).default("block").describe(
    "What becomes of an event for which a subscriber has no room: it is dropped " +
      "for that subscriber, its publisher waits, or it waits for " +
      "publishBlockTimeout and is dropped then",
  ),
  publishBlockTimeout: z.number().min(0).default(1).meta({ unit: "s" })
    .describe("How long a publisher waits with deliveryMode: timeout"),
});

const NOT_OUTSIDE = "the events stay inside of the process";

export default defineModule({
  type: "eventbus.modular",
  summary: "Carries the events of an application, those of its workflows too",
  stability: "stable",
  config,
  section: "eventbus",
  inert: {
    retentionDays: "an event is gone as soon as it is delivered",
    rotateSubscriberOrder: "each subscriber has a queue of its own",
    externalBrokerURL: NOT_OUTSIDE,
    externalBrokerUser: NOT_OUTSIDE,
    externalBrokerPassword: NOT_OUTSIDE,
  },
  provides: [Broker, EventBus],
  examples: [{
    title: "An order begins for each event on the bus",
    modules: [
      { name: "bus", type: "eventbus.modular", config: { workerCount: 2 } },
      { name: "orders", type: "statemachine.engine" },
    ],
    workflows: {
      statemachine: {
        engine: "orders",
        definitions: [{
          name: "order",
          initialState: "new",
          states: { new: {}, taken: {} },
          transitions: { take: { fromState: "new", toState: "taken" } },
        }],
      },
    },
    triggers: {
      eventbus: {
        subscriptions: [{
          topic: "shop.order.*",
          workflow: "order",
          action: "take",
          async: true,
        }],
      },
    },
  }],
  create: (config, host) =>
    new MemoryBroker({
      messagesMax: config.maxEventQueueSize,
      queueMessagesMax: config.defaultEventBufferSize,
      publishWaitMs: waitMs(config),
      messageTtlMs: config.eventTTL * 1_000,
      workers: config.workerCount,
    }, host),
});

function waitMs(
  { deliveryMode, publishBlockTimeout }: z.output<typeof config>,
): number {
  switch (deliveryMode) {
    case "drop":
      return 0;
    case "block":
      return Infinity;
    case "timeout":
      return publishBlockTimeout * 1_000;
  }
}
