/**
 * An application with a NATS module and handlers in the hands of a test.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type Host, type JsonValue } from "@engine/define.ts";
import { systemEffects } from "@engine/effects.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker, type Message } from "@engine/services/broker.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";

import { startApplication, type TestApplication } from "@engine/testing.ts";
import healthChecker from "../../modules/health/checker.ts";
import httpRouter from "../../modules/http/router.ts";
import httpServer from "../../modules/http/server.ts";
import nats from "../../modules/messaging/nats.ts";
import http from "../../workflows/types/http.ts";
import messaging from "../../workflows/types/messaging.ts";

/** What a handler of a test has taken. */
export interface Got {
  readonly handler: string;
  readonly message: Message;
}

/** A running application. */
export interface NatsApplication extends AsyncDisposable {
  readonly app: TestApplication<ReturnType<typeof systemEffects>>;
  readonly broker: Broker;
  /** What handlers have finished with, in that order. */
  readonly got: readonly Got[];
  lines(): string[];
  health(): Promise<Health>;
  /** What `/readyz` answers. */
  ready(): Promise<number>;
  act(action: string, input: Record<string, JsonValue>): Promise<JsonValue>;
  stop(): Promise<void>;
}

/** What a handler does before it has finished. */
export type Receive = (
  message: Message,
  handler: string,
) => void | Promise<void>;

interface Subscription {
  readonly topic: string;
  readonly handler: string;
}

/** Starts one; `receive` is what all its handlers do. */
export async function natsApplication(
  config: Readonly<Record<string, unknown>>,
  subscriptions: readonly Subscription[],
  receive: Receive = () => {},
): Promise<NatsApplication> {
  const got: Got[] = [];
  const taker = takerOf(async (message, handler) => {
    await receive(message, handler);
    got.push({ handler, message });
  });
  const app = await startApplication({
    document: documentOf(config, subscriptions),
    definitions: [
      ...[nats, messaging, http, httpServer, httpRouter, healthChecker],
      taker,
    ],
    effects: systemEffects(),
  });
  const actions = app.service(Actions, "events");
  const reporter = app.service(HealthReporter, "events");
  return {
    app,
    got,
    broker: app.service(Broker),
    lines: () =>
      got.map(({ handler, message: { topic, payload } }) =>
        `${handler} ${topic} ${JSON.stringify(payload)}`
      ),
    health: () => reporter.health(),
    ready: async () => {
      const response = await app.request("GET", "/readyz");
      await response.body?.cancel();
      return response.status;
    },
    act: (action, input) =>
      actions.act(action, input, {
        signal: new AbortController().signal,
        idempotencyKey: "test-key",
      }),
    stop: () => app.stop(),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

/** The document of a test. */
export function documentOf(
  config: Readonly<Record<string, unknown>>,
  subscriptions: readonly Subscription[],
) {
  const handlers = new Set(subscriptions.map(({ handler }) => handler));
  return {
    modules: [
      {
        name: "server",
        type: "http.server",
        config: { address: "127.0.0.1:0" },
      },
      { name: "router", type: "http.router" },
      { name: "health", type: "health.checker" },
      {
        name: "events",
        type: "messaging.nats",
        config: { initialBackoff: "20ms", maxBackoff: "100ms", ...config },
      },
      ...[...handlers].map((name) => ({ name, type: "test.taker" })),
    ],
    workflows: {
      http: { routes: [] },
      messaging: { broker: "events", subscriptions },
    },
  };
}

/** A module that hands its messages to the test. */
function takerOf(receive: Receive) {
  return defineModule({
    type: "test.taker",
    summary: "Takes messages",
    stability: "stable",
    config: z.strictObject({}),
    provides: [MessageHandler],
    examples: [],
    create: (_config, host: Host) => ({
      receive: (message: Message) => receive(message, host.name),
    }),
  });
}

/** A stream of a test's own. */
export function jetstream(stream: string, more: Record<string, unknown> = {}) {
  return {
    stream,
    subjects: [`${stream}.**`],
    retryBackoff: "10ms",
    ackWait: "1s",
    ...more,
  };
}
