/**
 * What steps of pipelines can ask of a cluster.
 *
 * @module
 */
import { z } from "zod";
import type { ActionDefinition } from "@engine/define.ts";
import type { Actions } from "@engine/services/actions.ts";
import {
  chainOf,
  type Message,
  TOPIC_CHARACTERS_MAX,
} from "@engine/services/broker.ts";
import { headers } from "./config.ts";
import type { KafkaBroker } from "./kafka_broker.ts";

const publishInput = z.strictObject({
  topic: z.string().min(1).max(TOPIC_CHARACTERS_MAX).describe(
    "Where it is published",
  ).meta({ examples: ["orders.paid"] }),
  message: z.unknown().describe("The payload"),
  key: z.string().optional().describe(
    "Messages of one key keep their order; by default as the module says",
  ),
  headers: headers.default({}).describe(
    "Headers beside those of the module, over which they take precedence",
  ),
});

const lagOutput = z.strictObject({
  total: z.int().describe("How many messages the group has still to handle"),
  partitions: z.array(z.strictObject({
    topic: z.string().describe("The topic"),
    partition: z.int().describe("The partition"),
    committed: z.int().describe(
      "The offset up to which all is handled; -1 if nothing was read yet",
    ),
    end: z.int().describe("The offset of the next message to be written"),
  })).describe("The partitions of all topics that the group reads"),
});

/** The actions, by name. */
export const kafkaActions = {
  publish: {
    summary: "Publishes a message; twice, if the process dies in between",
    input: publishInput,
    output: z.strictObject({
      topic: z.string().describe("Where it was published"),
    }),
  },
  lag: {
    summary: "Tells how many messages wait for the group",
    input: z.strictObject({}),
    output: lagOutput,
  },
} satisfies Readonly<Record<string, ActionDefinition>>;

/** Does the actions with a broker. */
export function actingOn(broker: KafkaBroker): Actions {
  return {
    async act(action, input, { via }) {
      if (action === "lag") {
        const partitions = await broker.lag();
        const total = partitions.reduce(
          (sum, { committed, end }) => sum + end - Math.max(0, committed),
          0,
        );
        return { total, partitions: partitions.map((each) => ({ ...each })) };
      }
      const { topic, message, ...rest } = publishInput.parse(input);
      // The input was JSON, and its schema leaves the message as it is.
      const payload = (message ?? null) as Message["payload"];
      await broker.publish(topic, payload, { ...rest, ...chainOf(via) });
      return { topic };
    },
  };
}
