/**
 * The end of a subscription that needs no code: it logs what arrives, and hands
 * it to whoever forwards what it has processed.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  type Host,
  type Lifecycle,
  type Ref,
  ref,
} from "@engine/define.ts";
import {
  Broker,
  type Message,
  TOPIC_CHARACTERS_MAX,
} from "@engine/services/broker.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { MessageSource } from "@engine/services/message_source.ts";

/** How much of a payload a log line shows, in characters of its JSON. */
export const PAYLOAD_CHARACTERS_LOGGED = 500;

interface HandlerConfig {
  readonly topic?: string | undefined;
  readonly broker?: Ref<Broker> | undefined;
  readonly logPayload: boolean;
}

type Forward = Parameters<MessageSource["onProcessed"]>[0];

class LoggingHandler implements MessageHandler, MessageSource, Lifecycle {
  readonly #config: HandlerConfig;
  readonly #host: Host;
  #forwards: readonly Forward[] = [];

  constructor(config: HandlerConfig, host: Host) {
    this.#config = config;
    this.#host = host;
  }

  /** @throws {AggregateError} what forwarders threw; each one has been called. */
  receive(message: Message): void | Promise<void> {
    this.#log(message);
    this.#count();
    if (this.#forwards.length > 0) return this.#forward(message);
  }

  onProcessed(forward: Forward): () => void {
    // A wrapper of its own, so that the same function may be added twice.
    const own: Forward = (payload, cause) => forward(payload, cause);
    this.#forwards = [...this.#forwards, own];
    return () =>
      this.#forwards = this.#forwards.filter((other) => other !== own);
  }

  wire(): () => void {
    const { topic, broker } = this.#config;
    if (topic === undefined) return () => {};
    if (broker === undefined) {
      this.#host.log.warn(
        `"topic" has no effect: the document has no broker for "${topic}"`,
      );
      return () => {};
    }
    return this.#host.use(broker).subscribe(
      topic,
      (message) => this.receive(message),
      { name: this.#host.name, implied: true },
    );
  }

  async #forward(message: Message): Promise<void> {
    const errors: unknown[] = [];
    for (const forward of this.#forwards) {
      try {
        await forward(message.payload, message);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) {
      throw new AggregateError(
        errors,
        `Cannot forward "${message.id}": ${errors.length} forwarders failed`,
      );
    }
  }

  #log({ id, topic, payload }: Message): void {
    const text = JSON.stringify(payload);
    this.#host.log.info(`Message on "${topic}"`, {
      topic,
      messageId: id,
      characters: text.length,
      ...(this.#config.logPayload ? { payload: shorten(text) } : {}),
    });
  }

  #count(): void {
    const { meter, name } = this.#host;
    if (!meter.active) return;
    meter.record("module_operations_total", {
      module: name,
      operation: "receive",
      status: "success",
    });
  }
}

function shorten(text: string): string {
  return text.length > PAYLOAD_CHARACTERS_LOGGED
    ? `${text.slice(0, PAYLOAD_CHARACTERS_LOGGED)}…`
    : text;
}

export default defineModule({
  type: "messaging.handler",
  summary: "Logs messages and hands them to whoever forwards them",
  stability: "stable",
  config: z.strictObject({
    topic: z.string().min(1).max(TOPIC_CHARACTERS_MAX).optional().describe(
      "Subscribes to this topic by itself; segments may be * (one) and ** " +
        "(any number). A subscription that the messaging section states for " +
        "this handler takes precedence, so that no message comes twice",
    ).meta({ examples: ["order.completed", "order.*"] }),
    logPayload: z.boolean().default(false).describe(
      "Log the start of each payload; it may hold personal data",
    ),
    broker: ref(Broker, {
      conventional: ["messaging.broker.memory"],
      implied: { when: "topic" },
    }).optional().describe("The broker on which to subscribe to the topic"),
  }),
  inert: {
    inputType: "A handler takes messages from a broker, not from files",
    watchPath: "A handler takes messages from a broker, not from files",
  },
  provides: [MessageHandler, MessageSource],
  examples: [{
    title: "Log completed orders",
    modules: [
      { name: "events", type: "messaging.broker" },
      {
        name: "completed-orders",
        type: "messaging.handler",
        config: { topic: "order.completed" },
      },
    ],
  }],
  create: (config, host) => new LoggingHandler(config, host),
});
