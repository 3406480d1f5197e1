/**
 * What the triggers share that run workflows for messages: which messages, and
 * what becomes of them.
 *
 * @module
 */
import { z } from "zod";
import type { Host, JsonObject } from "@engine/define.ts";
import { RefusedError, RetryableError, TerminalError } from "@engine/errors.ts";
import {
  chainOf,
  type Message,
  pipelineMark,
  type Receive,
  TOPIC_CHARACTERS_MAX,
} from "@engine/services/broker.ts";
import { type Target, targetKeys, targetOf } from "./_target.ts";

/** The fields of a subscription. */
export const subscriptionFields = {
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
};

/** A subscription as its document states it. */
export interface TopicSubscription extends Target {
  readonly topic: string;
  readonly event?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Tells subscriptions apart, so that a reload continues the right queue. */
export function nameOf(
  { event, ...target }: TopicSubscription,
): string {
  const { workflow, action } = targetOf(target);
  const name = `trigger ${workflow}.${action}`;
  return event === undefined ? name : `${name} on ${event}`;
}

/**
 * Runs the workflow of a subscription, unless the message is of another type.
 * What it gets is an object of its own: no other subscriber sees `params`.
 *
 * @param withOriginal Hand the text of the message on, too.
 * @param isDurable Whether the broker delivers again what fails. Else what is
 * turned away for the moment is tried again here, and holds up what follows.
 */
export function triggerFor(
  subscription: TopicSubscription,
  host: Host,
  { withOriginal, isDurable }: {
    readonly withOriginal: boolean;
    readonly isDurable: boolean;
  },
): Receive {
  const { event, params } = subscription;
  const { workflow, action } = targetOf(subscription);
  const name = nameOf(subscription);
  return async (message) => {
    const fields = fieldsOf(message);
    if (event !== undefined && event !== typeOf(fields, message)) return;
    const chain = chainOf(message.via);
    if (chain.via?.includes(pipelineMark(host.application, workflow))) {
      return tell(
        host,
        `A run of "${workflow}" has led to a message on "${message.topic}": ` +
          "the pipeline is not begun again by it",
        { topic: message.topic, messageId: message.id },
      );
    }
    const original = withOriginal
      ? { originalMessage: textOf(message.payload) }
      : {};
    const data = { ...fields, ...original, ...(params as JsonObject) };
    try {
      const call = () =>
        host.dispatch(workflow, action, data, {
          // A message that is delivered twice begins one run only.
          idempotencyKey: `message/${message.id}/${name}`,
          source: `event ${message.topic}`,
          ...chain,
        });
      await (isDurable ? call() : untilTaken(call, message, host));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      // The workflow has answered: that the answer is no is not a failed delivery.
      tell(host, `${workflow} refused "${action}": ${error.message}`, {
        topic: message.topic,
        messageId: message.id,
        code: error.code,
      });
    }
  };
}

/** The longest wait before a message is tried again, in milliseconds. */
const AGAIN_MS_MAX = 60_000;

/** How often a wait looks whether the application stops, in milliseconds. */
const LOOK_MS = 1_000;

/**
 * Calls again, later and later, as long as the call is turned away for the
 * moment and the application runs. @throws what the last call threw.
 */
async function untilTaken(
  call: () => Promise<unknown>,
  { topic, id }: Message,
  host: Host,
): Promise<void> {
  for (let waitMs = 1_000;; waitMs = Math.min(2 * waitMs, AGAIN_MS_MAX)) {
    try {
      return void await call();
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      if (waitMs === 1_000) {
        const message = `A message on "${topic}" is turned away for the ` +
          `moment, and tried again: ${error.message}`;
        tell(host, message, { topic, messageId: id });
      }
      const { clock } = host.effects;
      const until = clock.elapsed() + (error.retryAfterMs ?? waitMs);
      for (let left = until - clock.elapsed(); left > 0;) {
        // A stop must not wait for what may never end.
        if (host.phase() === "stopping") throw error;
        await clock.sleep(Math.min(left, LOOK_MS), host.signal);
        left = until - clock.elapsed();
      }
    }
  }
}

/** Says what does not work, and goes on. */
export function tell(
  host: Host,
  message: string,
  fields: JsonObject = {},
): void {
  host.log.warn(message, fields);
  host.notify("notice", { ...fields, message, severity: "warning" });
}

function textOf(payload: Message["payload"]): string {
  return typeof payload === "string" ? payload : JSON.stringify(payload);
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
