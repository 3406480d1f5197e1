/**
 * What steps of pipelines can ask a broker to do.
 *
 * @module
 */
import { z } from "zod";
import type { ActionDefinition } from "@engine/define.ts";
import type { Actions } from "@engine/services/actions.ts";
import {
  type Broker,
  chainOf,
  type Message,
  TOPIC_CHARACTERS_MAX,
} from "@engine/services/broker.ts";

const publishInput = z.strictObject({
  topic: z.string().min(1).max(TOPIC_CHARACTERS_MAX).describe(
    "What it is about",
  ).meta({ examples: ["order.paid"] }),
  message: z.unknown().describe("What it says"),
});

/** The actions, by name. */
export const brokerActions = {
  publish: {
    summary: "Publishes a message; twice, if the process dies in between",
    input: publishInput,
    output: z.strictObject({
      topic: z.string().describe("Where it was published"),
    }),
  },
} satisfies Readonly<Record<string, ActionDefinition>>;

/** Does the actions with a broker. */
export function actingOn(broker: Broker): Actions {
  return {
    async act(_action, input, { via }) {
      const { topic, message } = publishInput.parse(input);
      // The input was JSON, and its schema leaves the message as it is.
      const payload = (message ?? null) as Message["payload"];
      await broker.publish(topic, payload, chainOf(via));
      return { topic };
    },
  };
}
