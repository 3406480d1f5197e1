/**
 * Runs workflows when messages arrive on a broker.
 *
 * @module
 */
import { z } from "zod";
import {
  defineTrigger,
  type Host,
  type JsonObject,
  ref,
} from "@engine/define.ts";
import { RefusedError, TerminalError } from "@engine/errors.ts";
import {
  Broker,
  type Message,
  TOPIC_CHARACTERS_MAX,
} from "@engine/services/broker.ts";
import { checkTarget, targetKeys, targetOf } from "./_target.ts";

const subscription = z.strictObject({
  topic: z.string().min(1).max(TOPIC_CHARACTERS_MAX).describe(
    "What to subscribe to: segments are split at dots, * stands for one of " +
      "them and ** for any number",
  ).meta({ examples: ["order-events", "order.*"] }),
  event: z.string().min(1).optional().describe(
    'Only messages of this type: their field "type", else "eventType", ' +
      "else the topic itself",
  ).meta({ examples: ["order.created"] }),
  ...targetKeys,
  params: z.record(z.string(), z.unknown()).default({}).describe(
    "Fields that are added to those of the message and take precedence",
  ),
});

type Subscription = z.output<typeof subscription>;

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
    subscriptions: z.array(subscription).describe(
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
        (message) => trigger(entry, message, host),
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

/** Tells subscriptions apart, so that a reload continues the right queue. */
function nameOf({ event, ...target }: Subscription): string {
  const { workflow, action } = targetOf(target);
  const name = `trigger ${workflow}.${action}`;
  return event === undefined ? name : `${name} on ${event}`;
}

/** Runs the workflow of one subscription, unless the message is of another type. */
async function trigger(
  { event, params, ...target }: Subscription,
  message: Message,
  host: Host,
): Promise<void> {
  const { workflow, action } = targetOf(target);
  const fields = fieldsOf(message);
  if (event !== undefined && event !== typeOf(fields, message)) return;
  const { payload } = message;
  const originalMessage = typeof payload === "string"
    ? payload
    : JSON.stringify(payload);
  const data = { ...fields, originalMessage, ...(params as JsonObject) };
  try {
    // A message that is delivered twice begins one run only.
    await host.dispatch(workflow, action, data, {
      idempotencyKey: `message/${message.id}/${
        nameOf({ event, params, ...target })
      }`,
      source: `event ${message.topic}`,
    });
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    // The workflow has answered: that the answer is no is not a failed delivery.
    tell(host, `${workflow} refused "${action}": ${error.message}`, {
      topic: message.topic,
      messageId: message.id,
      code: error.code,
    });
  }
}

/** The message as fields. A text is read as JSON. */
function fieldsOf({ topic, payload }: Message): JsonObject {
  const value = typeof payload === "string" ? parse(payload) : payload;
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new TerminalError(
      `Cannot run a workflow for a message on "${topic}": it is not a JSON object`,
    );
  }
  return value as JsonObject;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Reported as what it is: no JSON object.
    return undefined;
  }
}

function typeOf(fields: JsonObject, { topic }: Message): string {
  const { type, eventType } = fields;
  if (typeof type === "string") return type;
  return typeof eventType === "string" ? eventType : topic;
}

function tell(host: Host, message: string, fields: JsonObject = {}): void {
  host.log.warn(message, fields);
  host.notify("notice", { ...fields, message, severity: "warning" });
}
