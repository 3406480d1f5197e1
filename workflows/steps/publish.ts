/**
 * Publishes a message.
 *
 * @module
 */
import { z } from "zod";
import { defineStep, type Host, type JsonValue, ref } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import {
  Broker,
  chainOf,
  TOPIC_CHARACTERS_MAX,
} from "@engine/services/broker.ts";

export default defineStep({
  type: "publish",
  summary: "Publishes a message on a broker",
  stability: "stable",
  config: z.strictObject({
    topic: z.string().min(1).max(TOPIC_CHARACTERS_MAX).describe(
      "What it is about",
    ).meta({ examples: ["order.paid"] }),
    message: z.unknown().describe("What it says"),
    broker: ref(Broker, { implied: "never" }).optional().describe(
      "The broker that carries it; by default the first of the document",
    ),
  }),
  output: z.strictObject({
    topic: z.string().describe("Where it was published"),
  }),
  examples: [{
    title: "Tell that an order is paid",
    modules: [
      { name: "bus", type: "messaging.broker" },
      { name: "mailer", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        broker: "bus",
        subscriptions: [{ topic: "order.paid", handler: "mailer" }],
      },
    },
    pipelines: {
      pay: {
        input: { id: "string" },
        steps: [{
          id: "tell",
          use: "publish",
          with: { topic: "order.paid", message: { id: "${{ input.id }}" } },
        }],
      },
    },
    runs: [{
      pipeline: "pay",
      input: { id: "o1" },
      output: { topic: "order.paid" },
    }],
  }],
  async run({ topic, message, broker }, { via }, host) {
    const payload = (message ?? null) as JsonValue;
    await brokerOf(broker, host).publish(topic, payload, chainOf(via));
    return { topic };
  },
});

function brokerOf(name: string | undefined, host: Host): Broker {
  if (name !== undefined) return host.use<Broker>(name);
  const [first] = host.all(Broker);
  if (first !== undefined) return first.service;
  throw new TerminalError("Cannot publish: the document has no broker");
}
