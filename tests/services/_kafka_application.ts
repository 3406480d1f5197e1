/**
 * Applications on a real cluster, and what their handlers get.
 *
 * @module
 */
import { z } from "zod";
import { definitions } from "../../catalog.gen.ts";
import { defineModule, type Host } from "../../engine/define.ts";
import { systemEffects } from "../../engine/effects.ts";
import { Broker, type Message } from "../../engine/services/broker.ts";
import { HealthReporter } from "../../engine/services/health_reporter.ts";
import { MessageHandler } from "../../engine/services/message_handler.ts";
import { startApplication } from "../../engine/testing.ts";
import type { KafkaMessage } from "../../modules/messaging/_kafka/record.ts";
import type { KafkaPublishOptions } from "../../modules/messaging/_kafka/kafka_broker.ts";

/** A broker that takes keys and headers. */
type KafkaBroker = Broker & {
  publish(
    topic: string,
    payload: Message["payload"],
    options?: KafkaPublishOptions,
  ): Promise<void>;
};

/** What handlers of one application have got, and what they do with it. */
export class Inbox {
  readonly got: (KafkaMessage & { readonly by: string })[] = [];
  /** Throws to fail. */
  handle: (message: KafkaMessage, by: string) => void | Promise<void> =
    () => {};
  #look = () => {};

  async receive(message: KafkaMessage, by: string): Promise<void> {
    await this.handle(message, by);
    this.got.push({ ...message, by });
    this.#look();
  }

  /** The payloads, in order of arrival. */
  get payloads(): Message["payload"][] {
    return this.got.map(({ payload }) => payload);
  }

  /** Resolves once so many different payloads have come. */
  async distinct(count: number): Promise<void> {
    await this.until(() => new Set(this.payloads).size >= count);
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      await new Promise<void>((resolve) => this.#look = resolve);
    }
  }
}

/** What makes an application. */
export interface ApplicationOptions {
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbox?: Inbox;
  readonly subscriptions?: readonly {
    readonly topic: string;
    readonly handler: string;
  }[];
  readonly pipelines?: Readonly<Record<string, unknown>>;
}

/** An application that has a cluster as the module `kafka`. */
export async function startKafkaApplication(options: ApplicationOptions) {
  const { inbox = new Inbox(), subscriptions = [] } = options;
  const app = await startApplication({
    document: documentOf(options),
    definitions: [...definitions, takerOf(inbox)],
    effects: systemEffects(),
  });
  const health = () => app.service(HealthReporter, "kafka").health();
  return {
    app,
    inbox,
    health,
    broker: app.service(Broker, "kafka") as KafkaBroker,
    async ready() {
      const status = subscriptions.length > 0 ? "consuming" : "connected";
      await eventually(async () => (await health()).message === status);
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

/** Asks until the answer is yes: for what tells nobody when it happens. */
export async function eventually(
  ask: () => Promise<boolean> | boolean,
): Promise<void> {
  while (!await ask()) await new Promise((resolve) => setTimeout(resolve, 20));
}

let topics = 0;

/** The name of a topic that nobody else uses. */
export function newTopic(): string {
  return `orders-${++topics}`;
}

function documentOf(
  { config, subscriptions = [], pipelines }: ApplicationOptions,
) {
  const handlers = new Set(subscriptions.map(({ handler }) => handler));
  return {
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router" },
      { name: "health", type: "health.checker" },
      { name: "kafka", type: "messaging.kafka", config },
      ...[...handlers].map((name) => ({ name, type: "test.taker" })),
    ],
    workflows: {
      http: { router: "router", server: "server", routes: [] },
      messaging: { broker: "kafka", subscriptions },
    },
    ...(pipelines === undefined ? {} : { pipelines }),
  };
}

/** A module that hands its messages to the test. */
function takerOf(inbox: Inbox) {
  return defineModule({
    type: "test.taker",
    summary: "Takes messages",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [MessageHandler],
    examples: [],
    create: (_config, host: Host) => ({
      receive: (message: Message) =>
        inbox.receive(message as KafkaMessage, host.name),
    }),
  });
}

