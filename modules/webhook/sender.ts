/**
 * Tells others what happens here: every message, transition or step that names
 * it becomes a webhook, which is kept until it is delivered.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Host,
  type Lifecycle,
  secret,
} from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import type { Message } from "@engine/services/broker.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import {
  type TransitionContext,
  type TransitionEvent,
  TransitionHandler,
  type TransitionOutcome,
} from "@engine/services/transition_handler.ts";
import { notPositive } from "../_positive_duration.ts";
import type { DeliveryOptions } from "./_attempt.ts";
import { Courier } from "./_courier.ts";
import { DeadLetters, PAGE_MAX } from "./_dead_letters.ts";
import { Outbox } from "./_outbox.ts";

type Json = Message["payload"];

/** The retries where the config has a number that makes no sense. */
const RETRIES = 3;

const config = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).optional().describe(
    "Where webhooks go, unless a step says otherwise",
  ).meta({ widget: "url" }),
  method: z.enum(["POST", "PUT", "PATCH"]).default("POST").describe(
    "The HTTP method",
  ),
  headers: z.record(z.string().min(1), z.string()).default({}).describe(
    "Headers to send; the content type is application/json unless they say otherwise",
  ),
  secret: secret().optional().describe(
    "Signs each webhook as the Standard Webhooks specification has it: HMAC " +
      "SHA-256 over its id, the time and the body, in the header webhook-signature",
  ),
  maxRetries: z.number().max(100).default(RETRIES).describe(
    "Further attempts after one without an answer, or with the status 5xx, 408, " +
      "425 or 429; any other refusal is for good. 0 or less means 3",
  ).meta({ unit: "count" }),
  initialBackoff: duration().default("1s").describe(
    "The wait before the second attempt, of which up to a half is left out by chance",
  ),
  maxBackoff: duration().default("1m").describe("The longest wait"),
  multiplier: z.number().min(1).max(10).default(2).describe(
    "How much longer each wait is than the one before",
  ),
  timeout: duration().default("30s").describe("How long one attempt may take"),
  allowPrivateIPs: z.boolean().default(false).describe(
    "Let webhooks go to private addresses, such as this machine or its network",
  ),
});

type Config = z.output<typeof config>;

const sendInput = z.strictObject({
  payload: z.unknown().describe(
    "What is sent: a text as it is, anything else as JSON",
  ),
  url: z.url({ protocol: /^https?$/ }).optional().describe(
    "Where to, if not where the module says",
  ),
  headers: z.record(z.string().min(1), z.string()).default({}).describe(
    "Headers beside those of the module, over which they take precedence",
  ),
});

const listInput = z.strictObject({
  limit: z.int().min(1).max(PAGE_MAX).default(PAGE_MAX).describe(
    "How many at most",
  ).meta({ unit: "count" }),
  after: z.string().optional().describe("The id behind which to go on"),
});

const replayInput = z.strictObject({
  id: z.string().min(1).describe("The id of the dead letter"),
});

const accepted = z.strictObject({
  id: z.string().describe("The id, which the receiver gets as webhook-id"),
  status: z.literal("pending").describe("It is kept, and sent"),
});

const letter = z.strictObject({
  id: z.string().describe("The id"),
  url: z.string().describe("Where it did not arrive"),
  body: z.string().describe("What was sent"),
  attempts: z.int().describe("How often it was tried"),
  error: z.string().describe("Why the last attempt failed"),
  createdAt: z.number().describe("When it was accepted").meta({ unit: "ms" }),
  deadAt: z.number().describe("When it was given up").meta({ unit: "ms" }),
});

export default defineModule({
  type: "webhook.sender",
  summary: "Sends webhooks, and keeps them until they are delivered",
  stability: "beta",
  config,
  provides: [MessageHandler, TransitionHandler, Actions],
  check: ({ initialBackoff, maxBackoff, timeout }) =>
    notPositive({ initialBackoff, maxBackoff, timeout }),
  actions: {
    send: {
      summary: "Accepts a webhook, which is sent until it is delivered",
      input: sendInput,
      output: accepted,
    },
    dead_letters: {
      summary: "Lists the webhooks that were given up, oldest first",
      input: listInput,
      output: z.strictObject({
        letters: z.array(letter).describe("The webhooks"),
        next: z.string().optional().describe(
          "Where the next page begins: pass it as after",
        ),
      }),
    },
    replay: {
      summary: "Sends a webhook that was given up once more",
      input: replayInput,
      output: accepted,
    },
  },
  examples: [{
    title: "Tell a service of every order that is paid",
    modules: [
      { name: "events", type: "messaging.broker" },
      {
        name: "tell-warehouse",
        type: "webhook.sender",
        config: {
          url: "https://warehouse.example.com/api/orders",
          headers: { "X-Shop": "tea" },
          maxRetries: 5,
        },
      },
    ],
    workflows: {
      messaging: {
        subscriptions: [{ topic: "order.paid", handler: "tell-warehouse" }],
      },
    },
  }],
  create: (config, host) => new Sender(config, host),
});

class Sender implements MessageHandler, TransitionHandler, Actions, Lifecycle {
  readonly #config: Config;
  readonly #host: Host;
  readonly #dead: DeadLetters;
  readonly #outbox: Outbox;
  readonly #courier: Courier;
  #forget: () => void = () => {};

  constructor(settings: Config, host: Host) {
    this.#config = settings;
    this.#host = host;
    this.#dead = new DeadLetters(host);
    this.#outbox = new Outbox(host, this.#dead);
    this.#courier = new Courier(host, this.#outbox, optionsOf(settings));
  }

  open(): void {
    this.#forget = this.#dead.onReplay((delivery) => ({
      sets: this.#outbox.again(delivery),
      revived: () => this.#courier.call(),
    }));
    this.#courier.begin();
  }

  async close(): Promise<void> {
    this.#forget();
    await this.#courier.end();
  }

  async receive({ id, payload }: Message): Promise<void> {
    await this.#send({ payload, headers: {} }, `message ${id}`);
  }

  async onTransition(
    event: TransitionEvent,
    { idempotencyKey }: TransitionContext,
  ): Promise<TransitionOutcome> {
    const { at, ...rest } = event;
    const payload = { ...rest, timestamp: new Date(at).toISOString() };
    await this.#send(
      { payload: withoutHoles(payload), headers: {} },
      idempotencyKey,
    );
    return { kind: "done" };
  }

  async act(
    action: string,
    input: Parameters<Actions["act"]>[1],
    { idempotencyKey }: Parameters<Actions["act"]>[2],
  ): Promise<Json> {
    if (action === "dead_letters") {
      return withoutHoles(await this.#dead.list(listInput.parse(input)));
    }
    if (action === "replay") {
      const { id } = replayInput.parse(input);
      await this.#dead.replay(id);
      return { id, status: "pending" };
    }
    const { payload, ...rest } = sendInput.parse(input);
    // The input was JSON, and its schema leaves the payload as it is.
    const id = await this.#send(
      { ...rest, payload: (payload ?? null) as Json },
      idempotencyKey,
    );
    return { id, status: "pending" };
  }

  async #send(
    { payload, url = this.#config.url, headers }: {
      readonly payload: Json;
      readonly url?: string | undefined;
      readonly headers: Readonly<Record<string, string>>;
    },
    key: string,
  ): Promise<string> {
    if (url === undefined) {
      throw new TerminalError(
        `Cannot send a webhook with "${this.#host.name}": neither its config ` +
          "nor the step has a url",
      );
    }
    const body = typeof payload === "string"
      ? payload
      : JSON.stringify(payload);
    const id = await this.#outbox.accept({ url, body, headers }, key);
    this.#courier.call();
    return id;
  }
}

function optionsOf(config: Config): DeliveryOptions {
  const { method, headers, secret, maxRetries, allowPrivateIPs } = config;
  return {
    method,
    headers,
    secret,
    allowPrivateIPs,
    retriesMax: maxRetries > 0 ? Math.floor(maxRetries) : RETRIES,
    timeoutMs: durationMs(config.timeout),
    initialBackoffMs: durationMs(config.initialBackoff),
    backoffMsMax: durationMs(config.maxBackoff),
    multiplier: config.multiplier,
  };
}

/** As JSON, which has no undefined fields. */
function withoutHoles(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
