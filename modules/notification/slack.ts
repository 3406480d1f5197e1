/**
 * Tells people in Slack what happens: every message, transition or step that
 * names it is posted through an incoming webhook.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Host,
  type Issue,
  type JsonValue,
  type Lifecycle,
  secret,
} from "@engine/define.ts";
import { messageOf, TerminalError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import type { Message } from "@engine/services/broker.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import {
  type TransitionContext,
  type TransitionEvent,
  TransitionHandler,
  type TransitionOutcome,
} from "@engine/services/transition_handler.ts";
import { atMost, GRACE_MS } from "../_grace.ts";
import {
  type Occurrence,
  OCCURRENCE_WORDS,
  ofMessage,
  ofTransition,
  plainText,
  templateIssues,
  textOfOccurrence,
} from "../_occurrence.ts";
import { notPositive } from "../_positive_duration.ts";
import { withRetries } from "../_retries.ts";
import { escaped, escapedText } from "./_escaped.ts";
import { post } from "./_post.ts";

const config = z.strictObject({
  webhookURL: secret().optional().describe(
    "The URL of an incoming webhook, as Slack gives it out; whoever has it can " +
      "post",
  ),
  channel: z.string().min(1).optional().describe(
    "Another channel than the webhook's; webhooks of Slack apps ignore it",
  ).meta({ examples: ["#orders"] }),
  username: z.string().min(1).optional().describe(
    "Who seems to post; webhooks of Slack apps ignore it",
  ).meta({ examples: ["workflow-bot"] }),
  text: z.string().min(1).optional().describe(
    "What is posted of a message or transition, in Slack's markup; its " +
      `expressions may use ${OCCURRENCE_WORDS}. Without it the payload, as text`,
  ).meta({
    widget: "template",
    examples: ["Order *${{ payload.id }}* is paid"],
  }),
  timeout: duration().default("10s").describe("How long one attempt may take"),
  maxRetries: z.int().min(0).max(20).default(3).describe(
    "Further attempts where Slack asks for patience (429), fails (5xx) or " +
      "cannot be reached; one whose answer was lost is posted twice",
  ).meta({ unit: "count" }),
  initialBackoff: duration().default("1s").describe(
    "The wait before the second attempt, which doubles each time; up to a half " +
      "is left out by chance. Slack may ask for a longer one",
  ),
  maxBackoff: duration().default("1m").describe("The longest wait"),
  allowPrivateIPs: z.boolean().default(false).describe(
    "Let the webhook be at a private address, such as one of this network",
  ),
});

type Config = z.output<typeof config>;

const sendInput = z.strictObject({
  text: z.string().min(1).describe("What is posted"),
  markup: z.boolean().default(false).describe(
    "Whether <…> and & in the text are Slack's markup: links, and mentions " +
      "such as <!channel>. Otherwise they are shown as they are",
  ),
  channel: z.string().min(1).optional().describe(
    "Another channel than the module's",
  ),
  username: z.string().min(1).optional().describe(
    "Another name than the module's",
  ),
});

export default defineModule({
  type: "notification.slack",
  summary: "Posts messages and transitions to a channel of Slack",
  stability: "beta",
  config,
  provides: [MessageHandler, TransitionHandler, Actions, HealthReporter],
  actions: {
    send: {
      summary: "Posts a text; twice, if the process dies in between",
      input: sendInput,
      output: z.strictObject({
        sent: z.literal(true).describe("Slack has taken it"),
      }),
    },
  },
  check,
  examples: [{
    title: "Tell a channel of every order that is paid",
    modules: [
      { name: "events", type: "messaging.broker" },
      {
        name: "tell-sales",
        type: "notification.slack",
        config: {
          webhookURL: "https://hooks.slack.example/services/T0/B0/x",
          text: "Order *${{ payload.id }}* of ${{ payload.total }} € is paid",
        },
      },
    ],
    workflows: {
      messaging: {
        subscriptions: [{ topic: "order.paid", handler: "tell-sales" }],
      },
    },
  }],
  create: (config, host) => new Notifier(config, host),
});

function check(config: Config): readonly Issue[] {
  const { webhookURL, text, timeout, initialBackoff, maxBackoff } = config;
  const issues = [
    ...notPositive({ timeout, initialBackoff, maxBackoff }),
    ...templateIssues("text", text),
  ];
  if (webhookURL !== undefined) return issues;
  // Older documents may do without, and then nothing is posted.
  return [...issues, {
    code: "missing-key",
    path: [],
    message: "Without webhookURL nothing can be posted",
    severity: "warning",
  }];
}

/** What is to be posted; what it leaves out is as the config says. */
interface Posting {
  readonly text: string;
  readonly channel?: string | undefined;
  readonly username?: string | undefined;
}

class Notifier
  implements
    MessageHandler,
    TransitionHandler,
    Actions,
    HealthReporter,
    Lifecycle {
  readonly healthName: string;
  readonly #config: Config;
  readonly #host: Host;
  readonly #textOf: (occurrence: Occurrence) => string;
  readonly #underWay = new Set<Promise<void>>();
  #abort = new AbortController();
  /** Why the last message was not posted. */
  #fault: string | undefined;

  constructor(settings: Config, host: Host) {
    this.#config = settings;
    this.#host = host;
    this.#textOf = settings.text === undefined
      ? ({ payload }) => escapedText(plainText(payload))
      : ofEscaped(textOfOccurrence(settings.text));
    this.healthName = `notification.${host.name}`;
  }

  /** @throws {TypeError} if the webhook's URL is none. */
  start(): void {
    this.#abort = new AbortController();
    const { webhookURL } = this.#config;
    if (webhookURL === undefined) {
      this.#fault = "Cannot post to Slack: there is no webhookURL";
    } else if (!/^https?:$/.test(URL.parse(webhookURL)?.protocol ?? "")) {
      throw new TypeError(
        "Cannot use webhookURL: it must be a URL with http or https",
      );
    }
  }

  /** Lets what is under way finish. */
  async close(): Promise<void> {
    const all = Promise.allSettled(this.#underWay).then(() => {});
    await atMost(GRACE_MS, this.#host.effects.clock, all);
  }

  stop(): void {
    this.#abort.abort(new Error("The application stops"));
  }

  async receive(message: Message): Promise<void> {
    await this.#send({ text: this.#textOf(ofMessage(message)) });
  }

  async onTransition(
    event: TransitionEvent,
    { idempotencyKey, signal }: TransitionContext,
  ): Promise<TransitionOutcome> {
    const text = this.#textOf(ofTransition(event, idempotencyKey));
    await this.#send({ text }, signal);
    return { kind: "done" };
  }

  async act(
    _action: string,
    input: Parameters<Actions["act"]>[1],
    { signal }: Parameters<Actions["act"]>[2],
  ): Promise<JsonValue> {
    const { text, markup, ...rest } = sendInput.parse(input);
    await this.#send(
      { ...rest, text: markup ? text : escapedText(text) },
      signal,
    );
    return { sent: true };
  }

  /** As the last message went: Slack cannot be asked without posting. */
  health(): Promise<Health> {
    return Promise.resolve(
      this.#fault === undefined
        ? { status: "healthy" }
        : { status: "degraded", message: this.#fault },
    );
  }

  async #send(
    message: Posting,
    signal?: AbortSignal,
  ): Promise<void> {
    const own = this.#abort.signal;
    const work = this.#post(
      message,
      signal === undefined ? own : AbortSignal.any([signal, own]),
    );
    this.#underWay.add(work);
    try {
      await work;
      this.#fault = undefined;
      this.#count("success");
    } catch (error) {
      this.#fault = messageOf(error);
      this.#count("failure");
      throw error;
    } finally {
      this.#underWay.delete(work);
    }
  }

  async #post(
    message: Posting,
    signal: AbortSignal,
  ): Promise<void> {
    const { webhookURL: url, allowPrivateIPs } = this.#config;
    if (url === undefined) {
      throw new TerminalError("Cannot post to Slack: there is no webhookURL");
    }
    const { effects } = this.#host;
    const { text } = message;
    const channel = message.channel ?? this.#config.channel;
    const username = message.username ?? this.#config.username;
    const whole = {
      text,
      ...channel === undefined ? {} : { channel },
      ...username === undefined ? {} : { username },
    };
    const timeoutMs = durationMs(this.#config.timeout);
    const options = { url, timeoutMs, allowPrivateIPs, signal };
    await withRetries(
      {
        retriesMax: this.#config.maxRetries,
        initialBackoffMs: durationMs(this.#config.initialBackoff),
        backoffMsMax: durationMs(this.#config.maxBackoff),
      },
      { ...effects, signal },
      () => post(whole, options, effects),
    );
  }

  #count(status: "success" | "failure"): void {
    const { meter, name } = this.#host;
    if (!meter.active) return;
    const operation = "post";
    meter.record("module_operations_total", {
      module: name,
      operation,
      status,
    });
  }
}

/** The template is the author's and may hold markup; what it speaks of may not. */
function ofEscaped(
  textOf: (occurrence: Occurrence) => string,
): (occurrence: Occurrence) => string {
  return ({ topic, id, at, payload }) =>
    textOf({
      at,
      topic: escapedText(topic),
      id: escapedText(id),
      payload: escaped(payload),
    });
}
