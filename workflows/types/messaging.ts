/**
 * The part of a document that ties message handlers to topics, and says where
 * what they have processed goes next.
 *
 * @module
 */
import { z } from "zod";
import {
  defineWorkflowType,
  type DispatchOptions,
  type Host,
  type JsonObject,
  ref,
} from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import {
  Broker,
  chainOf,
  type Message,
  TOPIC_CHARACTERS_MAX,
} from "@engine/services/broker.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { MessageSource } from "@engine/services/message_source.ts";

/** A text without a segment that is a wildcard. */
const TOPIC = /^(?!(?:.*\.)?\*\*?(?:\.|$)).+$/;

const topic = z.string().max(TOPIC_CHARACTERS_MAX).regex(
  TOPIC,
  'Expected a topic: segments "*" and "**" stand in subscriptions only',
);

const subscription = z.strictObject({
  topic: z.string().min(1).max(TOPIC_CHARACTERS_MAX).describe(
    "What to subscribe to: segments are split at dots, * stands for one of " +
      "them and ** for any number",
  ).meta({ examples: ["user-events", "order.*"] }),
  handler: ref(MessageHandler, {
    edge: { kind: "subscription", source: "broker", label: ["topic"] },
  }).describe("The module that takes the messages"),
});

const producer = z.strictObject({
  name: ref(MessageSource, {
    skippable: true,
    edge: {
      kind: "forward",
      source: "broker",
      reverse: true,
      label: ["forwardTo", "topic"],
    },
  }).describe(
    "A message handler, whose processed messages are forwarded, or an HTTP " +
      "handler, whose writes are",
  ),
  forwardTo: z.array(topic).optional().describe(
    "The topics on which the payload is published",
  ),
  topic: topic.optional().describe("One more topic, or the only one"),
});

const config = z.strictObject({
  broker: ref(Broker, {
    conventional: ["messaging.broker.memory"],
    needed: true,
  }).optional().describe("The broker that carries the messages"),
  subscriptions: z.array(subscription).default([]).describe(
    "Which handler takes the messages of which topic",
  ),
  producers: z.array(producer).default([]).describe(
    "Which topics get what a module has processed",
  ),
});

type Config = z.output<typeof config>;
type Producer = Config["producers"][number];
type Forward = Parameters<MessageSource["onProcessed"]>[0];

export default defineWorkflowType({
  type: "messaging",
  summary: "Ties message handlers to topics and forwards what they process",
  config,
  inert: {
    "subscriptions[].config": "A subscription has no settings of its own",
    "producers[].config": "A producer has no settings of its own",
  },
  wire(config, host) {
    const { broker: name } = config;
    if (name === undefined) {
      skip(host, "Cannot wire messaging: the document has no broker");
      return {
        unwire() {},
        execute: (action, data) => run(host, action, data),
      };
    }
    const broker = host.use(name);
    const undo = [
      ...config.subscriptions.map((entry, index) =>
        subscribe(
          entry,
          broker,
          host,
          `workflows.messaging.subscriptions[${index}].handler`,
        )
      ),
      ...config.producers.map((entry) => forward(entry, broker, host)),
    ];
    return {
      unwire() {
        for (const undoOne of undo.toReversed()) undoOne();
      },
      execute: (action, data, _workflow, options) =>
        run(host, action, data, { usual: name, options }),
    };
  },
});

function subscribe(
  { topic, handler: name }: Config["subscriptions"][number],
  broker: Broker,
  host: Host,
  path: string,
): () => void {
  if (!host.provides(name, MessageHandler)) {
    return skip(
      host,
      `Nobody takes "${topic}": no message handler is "${name}"`,
    );
  }
  const handler = host.use(name);
  return broker.subscribe(
    topic,
    (message) => {
      host.carried(path);
      return handler.receive(message);
    },
    { name },
  );
}

/** Publishes what a module has processed, as long as it does not come round again. */
function forward(
  { name, forwardTo = [], topic }: Producer,
  broker: Broker,
  host: Host,
): () => void {
  const topics = [
    ...new Set(topic === undefined ? forwardTo : [...forwardTo, topic]),
  ];
  if (topics.length === 0) return () => {};
  if (!host.provides(name, MessageSource)) {
    return skip(
      host,
      `Nothing is forwarded to "${
        topics.join('", "')
      }": no module "${name}" yields messages`,
    );
  }
  return host.use(name).onProcessed(forwarder(name, topics, { broker, host }));
}

/**
 * Forwards to `topics`, but never a message that it has forwarded before: the
 * payload stays the same, so a loop in the document would never end, and one
 * that branches would grow without bound.
 */
function forwarder(
  name: string,
  topics: readonly string[],
  { broker, host }: { readonly broker: Broker; readonly host: Host },
): Forward {
  const self = `${host.application}/${name}`;
  let isTold = false;
  return async (payload, cause) => {
    const before = cause?.via ?? [];
    if (before.includes(self)) {
      // The loop stands in the document, so saying it once is enough.
      if (!isTold) skip(host, describeLoop(name, cause));
      isTold = true;
      return;
    }
    const via = [...before, self];
    await Promise.all(
      topics.map((topic) => broker.publish(topic, payload, { via })),
    );
  };
}

function describeLoop(name: string, cause: Message | undefined): string {
  return `"${name}" is not forwarding what it has forwarded before: ` +
    `its topics lead back to "${cause?.topic}"`;
}

/** Says what is left out of a document that may have gaps. */
function skip(host: Host, message: string): () => void {
  host.log.warn(message);
  host.notify("notice", { message, severity: "warning" });
  return () => {};
}

/**
 * Publishes `data.message`, or all of `data`. The action is `topic` or
 * `broker:topic`; `data.broker` names the broker where the action does not.
 */
async function run(
  host: Host,
  action: string,
  data: JsonObject,
  { usual, options }: {
    readonly usual?: string;
    readonly options?: DispatchOptions | undefined;
  } = {},
): Promise<JsonObject> {
  const colon = action.indexOf(":");
  const topic = action.slice(colon + 1);
  const stated = typeof data.broker === "string" ? data.broker : usual;
  const name = colon < 0 ? stated : action.slice(0, colon);
  if (name === undefined) {
    throw new RefusedError(
      "not-found",
      `Cannot publish to "${topic}": the document has no broker`,
    );
  }
  const broker = host.all(Broker).find((candidate) => candidate.name === name);
  if (broker === undefined) {
    throw new RefusedError(
      "not-found",
      `Cannot publish to "${topic}": no broker is called "${name}"`,
    );
  }
  const payload = data.message === undefined ? data : data.message;
  await broker.service.publish(topic, payload, chainOf(options?.via));
  return { success: true, broker: name, topic, length: bytesOf(payload) };
}

/** A text counts as it is, anything else as its JSON. */
function bytesOf(payload: Message["payload"]): number {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return new TextEncoder().encode(text).length;
}
