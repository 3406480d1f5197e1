/**
 * Runs workflows when messages arrive on a broker.
 *
 * @module
 */
import { z } from "zod";
import { defineTrigger, ref } from "@engine/define.ts";
import { Broker } from "@engine/services/broker.ts";
import { checkTarget } from "./_target.ts";
import {
  nameOf,
  subscriptionFields,
  tell,
  triggerFor,
} from "./_topic_trigger.ts";

export default defineTrigger({
  type: "event",
  summary: "Runs a workflow for each message on a topic",
  config: z.strictObject({
    broker: ref(Broker, {
      conventional: [
        "messageBroker",
        "eventBroker",
        "broker",
        "event-broker",
        "messaging.broker.eventbus",
      ],
      needed: true,
    }).optional().describe("The broker that carries the messages"),
    subscriptions: z.array(z.strictObject(subscriptionFields)).describe(
      "Which messages run which workflow",
    ),
  }),
  check: ({ subscriptions }) =>
    subscriptions.flatMap((entry, index) =>
      checkTarget(entry, ["subscriptions", index])
    ),
  examples: [{
    title: "A payment that is told of moves its order",
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router" },
      { name: "bus", type: "messaging.broker" },
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
      event: {
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
      tell(host, "Cannot wire the event trigger: the document has no broker");
      return { unwire() {} };
    }
    const broker = host.use(config.broker);
    const undo = config.subscriptions.map((entry) =>
      broker.subscribe(
        entry.topic,
        triggerFor(entry, host, {
          withOriginal: true,
          isDurable: broker.isDurable ?? false,
        }),
        { name: nameOf(entry) },
      )
    );
    return {
      unwire() {
        for (const undoOne of undo.toReversed()) undoOne();
      },
    };
  },
});
