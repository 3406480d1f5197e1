/**
 * Carries messages: in memory, or durably over the engine's own store.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type Issue } from "@engine/define.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker } from "@engine/services/broker.ts";
import { actingOn, brokerActions } from "./_broker_actions.ts";
import { DurableBroker } from "./_durable_broker.ts";
import { MEMORY_DEFAULTS } from "../_memory_broker/defaults.ts";
import { MemoryBroker } from "../_memory_broker/memory_broker.ts";

const config = z.strictObject({
  durable: z.boolean().default(false).describe(
    "Keep messages until they are handled. A message is accepted when it is " +
      "committed, each subscription with a name gets it at least once, also " +
      "after a kill, and what always fails becomes a dead letter",
  ),
  leaseMs: z.int().min(100).max(86_400_000).optional().describe(
    "Durable only: how long after a kill a message that was being handled is " +
      "handed out again (30000 if absent)",
  ).meta({ unit: "ms" }),
  attemptsMax: z.int().min(1).max(1_000).optional().describe(
    "Durable only: how often a message is tried before it becomes a dead " +
      "letter (5 if absent)",
  ).meta({ unit: "count" }),
  retryBackoffMs: z.int().min(1).max(86_400_000).optional().describe(
    "Durable only: how long a failed message waits before its second attempt; " +
      "twice as long before each further one, up to ten minutes (1000 if absent)",
  ).meta({ unit: "ms" }),
  queueDepthMax: z.int().min(1).max(10_000_000).optional().describe(
    "Durable only: how many messages may wait for one subscription; publishing " +
      "fails while one has no room (100000 if absent)",
  ).meta({ unit: "count" }),
  concurrency: z.int().min(1).max(1_000).optional().describe(
    "Durable only: how many messages of one subscription are handled at a " +
      "time; with more than one their order is no longer kept (1 if absent)",
  ).meta({ unit: "count" }),
});

type Config = z.output<typeof config>;

/** The keys that mean something to a durable broker only. */
const DURABLE_ONLY = [
  "leaseMs",
  "attemptsMax",
  "retryBackoffMs",
  "queueDepthMax",
  "concurrency",
] as const;

export default defineModule({
  type: "messaging.broker",
  summary: "Carries messages between the modules of an application",
  stability: "stable",
  config,
  check,
  inert: {
    topics: "A topic exists as soon as somebody publishes or subscribes to it",
  },
  provides: [Broker, Actions],
  actions: brokerActions,
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
  }, {
    title: "Lose no event of an order",
    modules: [
      {
        name: "events",
        type: "messaging.broker",
        config: { durable: true, attemptsMax: 10, retryBackoffMs: 500 },
      },
      { name: "order-log", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        broker: "events",
        subscriptions: [{ topic: "order.*", handler: "order-log" }],
      },
    },
  }],
  create(config, host) {
    const broker = config.durable
      ? new DurableBroker(config, host)
      : new MemoryBroker(MEMORY_DEFAULTS, host);
    return Object.assign(broker, actingOn(broker));
  },
});

function check(config: Config): Issue[] {
  if (config.durable) return [];
  return DURABLE_ONLY.filter((key) => config[key] !== undefined).map((key) => ({
    code: "ineffective-key",
    path: [key],
    severity: "warning",
    message: `${key} has no effect: the broker is not durable`,
    help: "Set durable: true, or leave it out",
  }));
}
