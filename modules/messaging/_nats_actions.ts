/**
 * What steps of pipelines can ask a NATS module to do.
 *
 * @module
 */
import { z } from "zod";
import type { ActionDefinition, Host, JsonObject } from "@engine/define.ts";
import type { Actions } from "@engine/services/actions.ts";
import {
  chainOf,
  type Message,
  TOPIC_CHARACTERS_MAX,
} from "@engine/services/broker.ts";
import type { NatsBroker } from "./_nats_broker.ts";
import { PAGE_MAX } from "./_nats_dead_letters.ts";

const topic = z.string().min(1).max(TOPIC_CHARACTERS_MAX);

const publishInput = z.strictObject({
  topic: topic.describe("What it is about").meta({ examples: ["order.paid"] }),
  message: z.unknown().describe("What it says"),
});

const requestInput = z.strictObject({
  topic: topic.describe("Where somebody answers").meta({
    examples: ["price.ask"],
  }),
  message: z.unknown().describe("What is asked"),
});

const listInput = z.strictObject({
  limit: z.int().min(1).max(PAGE_MAX).default(PAGE_MAX).describe(
    "How many at most",
  ).meta({ unit: "count" }),
  after: z.string().regex(/^\d{1,15}$/).optional().describe(
    "The id behind which to go on",
  ),
});

const replayInput = z.strictObject({
  id: z.string().min(1).describe("The id of the dead letter"),
});

const letter = z.strictObject({
  id: z.string().describe("The id"),
  topic: z.string().describe("Where it was published"),
  message: z.unknown().describe("What it says"),
  subscription: z.string().describe("The consumer that has given it up"),
  attempts: z.int().describe("How often it was handed out"),
  error: z.string().describe("Why the last attempt failed"),
  deadAt: z.number().describe("When it was given up").meta({ unit: "ms" }),
});

/** The actions, by name. */
export const natsActions = {
  publish: {
    summary: "Publishes a message; with JetStream once, also if the process " +
      "dies in between",
    input: publishInput,
    output: z.strictObject({
      topic: z.string().describe("Where it was published"),
    }),
  },
  request: {
    summary: "Asks whoever answers on a topic, and returns the answer",
    input: requestInput,
    output: z.strictObject({
      answer: z.unknown().describe("What was answered"),
    }),
  },
  dead_letters: {
    summary: "Lists the messages that were given up, oldest first",
    input: listInput,
    output: z.strictObject({
      letters: z.array(letter).describe("The messages"),
      next: z.string().optional().describe(
        "Where the next page begins: pass it as after",
      ),
    }),
  },
  replay: {
    summary: "Has a message that was given up handled once more",
    input: replayInput,
    output: z.strictObject({ id: z.string().describe("The id") }),
  },
} satisfies Readonly<Record<string, ActionDefinition>>;

/** Does the actions with a broker. */
export function natsActing(broker: NatsBroker, host: Host): Actions {
  return {
    async act(action, input, { via, idempotencyKey }) {
      if (action === "request") {
        const { topic, message } = requestInput.parse(input);
        return { answer: await broker.request(topic, payloadOf(message)) };
      }
      if (action === "dead_letters") {
        const page = await broker.deadLetters.list(listInput.parse(input));
        return fieldsOf(page);
      }
      if (action === "replay") {
        const { id } = replayInput.parse(input);
        await broker.deadLetters.replay(id);
        return { id };
      }
      const { topic, message } = publishInput.parse(input);
      // Other applications may publish to the stream under keys like these.
      const id = `${host.application}/${host.name}/${idempotencyKey}`;
      await broker.publishAs(id, topic, payloadOf(message), chainOf(via));
      return { topic };
    },
  };
}

/** The input was JSON, and its schema leaves the message as it is. */
function payloadOf(message: unknown): Message["payload"] {
  return (message ?? null) as Message["payload"];
}

/** The fields of JSON that an answer needs, without those that are not there. */
function fieldsOf(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value));
}
