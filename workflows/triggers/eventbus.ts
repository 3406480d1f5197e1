/**
 * Runs workflows when events arrive on the event bus.
 *
 * @module
 */
import { z } from "zod";
import { defineTrigger, refAny } from "@engine/define.ts";
import { Broker } from "@engine/services/broker.ts";
import { EventBus } from "@engine/services/event_bus.ts";
import { checkTarget } from "./_target.ts";
import {
  nameOf,
  subscriptionFields,
  tell,
  triggerFor,
} from "./_topic_trigger.ts";

const subscription = z.strictObject({
  ...subscriptionFields,
  topic: subscriptionFields.topic.describe(
    "What to subscribe to: segments are split at dots, * stands for one of " +
      "them, at the end for one or more, and ** for any number",
  ),
  async: z.boolean().default(false).describe(
    "Whether the next event need not wait for this one, as far as the bus has " +
      "workers for that; then nothing is promised of their order",
  ),
});

export default defineTrigger({
  type: "eventbus",
  summary: "Runs a workflow for each event on the event bus",
  config: z.strictObject({
    broker: refAny([EventBus, Broker], {
      conventional: ["eventbus.provider", "eventbus"],
      needed: true,
    }).optional().describe(
      "What carries the events: by default an eventbus.modular, else any broker",
    ),
    subscriptions: z.array(subscription).describe(
      "Which events run which workflow",
    ),
  }),
  check: ({ subscriptions }) =>
    subscriptions.flatMap((entry, index) =>
      checkTarget(entry, ["subscriptions", index])
    ),
  examples: [{
    title: "An event about a payment moves its order",
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router" },
      { name: "bus", type: "eventbus.modular" },
      { name: "machines", type: "statemachine.engine" },
      {
        name: "orders",
        type: "api.handler",
        config: { resourceName: "orders", workflowType: "order" },
      },
    ],
    workflows: {
      http: {
        routes: [
          { method: "POST", path: "/orders", handler: "orders" },
          { method: "GET", path: "/orders/{id}", handler: "orders" },
        ],
      },
      messaging: { broker: "bus" },
      statemachine: {
        definitions: [{
          name: "order",
          initialState: "new",
          states: { new: {}, paid: { isFinal: true } },
          transitions: { pay: { fromState: "new", toState: "paid" } },
        }],
      },
    },
    triggers: {
      eventbus: {
        subscriptions: [
          { topic: "payment.done", workflow: "order", action: "pay" },
        ],
      },
      http: {
        routes: [{
          method: "POST",
          path: "/payments/{id}",
          workflow: "messaging",
          action: "payment.done",
        }],
      },
    },
    exchanges: [{
      request: { method: "POST", path: "/orders", body: { id: "o1" } },
      response: { status: 201, body: { state: "new" } },
    }, {
      request: { method: "POST", path: "/payments/o1" },
      response: { status: 202 },
    }, {
      request: { method: "GET", path: "/orders/o1" },
      response: { status: 200, body: { state: "paid" } },
    }],
  }],
  wire(config, host) {
    if (config.broker === undefined) {
      tell(
        host,
        "Cannot wire the eventbus trigger: the document has no event bus",
      );
      return { unwire() {} };
    }
    const bus: Broker = host.use(config.broker);
    const undo = config.subscriptions.map((entry) =>
      bus.subscribe(
        patternOf(entry.topic),
        triggerFor(entry, host, {
          withOriginal: false,
          isDurable: bus.isDurable ?? false,
        }),
        { name: nameOf(entry), concurrent: entry.async },
      )
    );
    return {
      unwire() {
        for (const undoOne of undo.toReversed()) undoOne();
      },
    };
  },
});

/** On this bus a final `*` has always stood for all that follows. */
function patternOf(topic: string): string {
  return topic.endsWith(".*") ? `${topic}.**` : topic;
}
