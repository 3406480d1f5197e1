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
  wire(config, host) {
    if (config.broker === undefined) {
      tell(host, "Cannot wire the event trigger: the document has no broker");
      return { unwire() {} };
    }
    const broker = host.use(config.broker);
    const undo = config.subscriptions.map((entry) =>
      broker.subscribe(
        entry.topic,
        triggerFor(entry, host, { withOriginal: true }),
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
