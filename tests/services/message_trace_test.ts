/** Messages take their trace along through NATS, a stream of it, and Kafka. */
import assert from "node:assert/strict";
import { z } from "zod";
import { definitions } from "../../catalog.gen.ts";
import { defineModule } from "../../engine/define.ts";
import { systemEffects } from "../../engine/effects.ts";
import { Broker, type Message } from "../../engine/services/broker.ts";
import { MessageHandler } from "../../engine/services/message_handler.ts";
import { startApplication } from "../../engine/testing.ts";
import { jetstream } from "./_nats_application.ts";
import { KeptSpans } from "../_kept_spans.ts";
import { until } from "./eventually.ts";
import { serverOfFile as kafkaOfFile } from "./kafka_server.ts";
import { serverOfFile as natsOfFile } from "./nats_server.ts";
import { serverTest } from "./server.ts";

const nats = await natsOfFile();
const kafka = await kafkaOfFile();

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = `00-${TRACE}-00f067aa0ba902b7-01`;

interface Broken {
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Publishes on `traced.a` as a part of a trace, and out of any. */
async function carried({ type, config }: Broken): Promise<void> {
  const kept = new KeptSpans();
  const got: Message[] = [];
  const taker = defineModule({
    type: "test.taker",
    summary: "Takes messages",
    stability: "stable",
    config: z.strictObject({}),
    provides: [MessageHandler],
    examples: [],
    create: () => ({ receive: (message: Message) => void got.push(message) }),
  });
  await using app = await startApplication({
    document: {
      modules: [
        { name: "keeper", type: "test.keeper" },
        { name: "events", type, config },
        { name: "taker", type: "test.taker" },
      ],
      workflows: {
        messaging: {
          broker: "events",
          subscriptions: [{ topic: "traced.a", handler: "taker" }],
        },
      },
    },
    definitions: [...definitions, kept.definition, taker],
    effects: systemEffects(),
  });
  const broker = app.service(Broker, "events");
  // Kafka gives a group what comes once it has joined.
  await until(async () => {
    await broker.publish("traced.a", "first");
    return got.length > 0;
  });
  const { tracing } = kept;
  await tracing.within(
    CALLER,
    () =>
      tracing.span({ name: "publishes" }, () => broker.publish("traced.a", 1)),
  );
  await until(() => got.some(({ payload }) => payload === 1));
  const message = got.find(({ payload }) => payload === 1);
  const publisher = kept.spans.find(({ name }) => name === "publishes");
  assert.equal(message?.traceparent, `00-${TRACE}-${publisher?.spanId}-01`);
  await until(() =>
    kept.spans.some(({ kind, parentId }) =>
      kind === "consumer" && parentId === publisher?.spanId
    )
  );
  const first = got.find(({ payload }) => payload === "first");
  assert.equal(first?.traceparent, undefined);
}

serverTest(
  "a message of core NATS is handled as a part of what published it",
  nats,
  ({ url }) => carried({ type: "messaging.nats", config: { url } }),
);

serverTest(
  "a message of a stream is handled as a part of what published it",
  nats,
  ({ url }) =>
    carried({
      type: "messaging.nats",
      config: { url, jetstream: jetstream("traced") },
    }),
);

serverTest(
  "a message of Kafka is handled as a part of what published it",
  kafka,
  ({ address }) =>
    carried({
      type: "messaging.kafka",
      config: { brokers: [address], groupId: "traced", startFrom: "earliest" },
    }),
);
