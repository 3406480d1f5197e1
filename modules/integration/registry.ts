/**
 * Holds the connectors that the integration section defines, and lets steps call
 * them.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  expression,
  type Host,
  type Lifecycle,
  type Ref,
  ref,
} from "@engine/define.ts";
import { messageOf, RefusedError, TerminalError } from "@engine/errors.ts";
import { compileExpression } from "@engine/expression/evaluate.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker, chainOf, type Message } from "@engine/services/broker.ts";
import {
  type Connector,
  type ConnectorDefinition,
  type ConnectorParams,
  Connectors,
} from "@engine/services/connectors.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { DatabaseConnector } from "./_database_connector.ts";
import { HttpConnector } from "./_http_connector.ts";
import { WebhookConnector } from "./_webhook_connector.ts";
import { WebhookPorts } from "./_webhook_ports.ts";

const config = z.strictObject({
  broker: ref(Broker, { conventional: ["messaging.broker.memory"] }).optional()
    .describe(
      "The broker on which received webhooks and outcomes of steps are published",
    ),
});

const TRANSFORM_VARIABLES = { result: "any" } as const;

const callInput = z.strictObject({
  connector: z.string().min(1).describe("The name of the connector"),
  action: z.string().min(1).describe(
    "What it is to do: a method and a path for HTTP, in which {name} stands " +
      "for a parameter; query, execute, insert, update or delete for a database",
  ).meta({ examples: ["GET /orders/{id}", "query"] }),
  params: z.record(z.string(), z.unknown()).default({}).describe(
    "What it is given; of HTTP what is not in the path becomes the query of a " +
      "GET, else the body",
  ),
  transform: expression(TRANSFORM_VARIABLES).optional().describe(
    "Reshapes the result, over result",
  ).meta({
    examples: ["{'id': result.id, 'open': result.status != 'closed'}"],
  }),
});

const notifyInput = z.strictObject({
  to: z.string().min(1).describe(
    "A module that takes messages; any other name is a topic to publish on",
  ),
  message: z.unknown().describe("What it is told"),
});

const notifyOutput = z.strictObject({
  to: z.string().describe("Who was told"),
  kind: z.enum(["module", "topic"]).describe("What the name means"),
});

export default defineModule({
  type: "integration.registry",
  summary: "Holds connectors to services outside, which steps call",
  stability: "beta",
  config,
  provides: [Connectors, Actions],
  actions: {
    call: {
      summary: "Does an action of a connector and yields its result",
      input: callInput,
      output: z.unknown().describe(
        "Of HTTP the fields of the answer and statusCode, what is no object " +
          "under raw; of a database columns, rows and count, or rowsAffected",
      ),
    },
    notify: {
      summary: "Tells a message handler or a topic how a step went",
      input: notifyInput,
      output: notifyOutput,
    },
  },
  examples: [{
    title: "Ask one service for a price and another to charge it",
    modules: [
      {
        name: "server",
        type: "http.server",
        config: { address: "127.0.0.1:8087" },
      },
      { name: "router", type: "http.router" },
      { name: "prices", type: "http.handler" },
      { name: "services", type: "integration.registry" },
    ],
    workflows: {
      http: {
        routes: [{ method: "GET", path: "/prices/tea", handler: "prices" }],
      },
      integration: {
        registry: "services",
        name: "sell",
        connectors: [
          {
            name: "price-list",
            type: "http",
            config: {
              baseURL: "http://127.0.0.1:8087",
              allowPrivateIPs: true,
            },
          },
          {
            name: "sales",
            type: "database",
            config: { driver: "sqlite", dsn: ":memory:" },
          },
        ],
        steps: [
          {
            name: "price",
            connector: "price-list",
            action: "GET /prices/{sku}",
            input: { sku: "${data.sku}" },
            retryCount: 2,
          },
          {
            name: "note",
            connector: "sales",
            action: "query",
            input: {
              sql: "select ? as sku, ? as source",
              args: ["${data.sku}", "${price.handler}"],
            },
          },
        ],
      },
    },
    runs: [{
      pipeline: "sell",
      input: { sku: "tea" },
      output: {
        price: { handler: "prices", statusCode: 200 },
        note: { rows: [{ sku: "tea", source: "prices" }] },
      },
    }],
  }],
  create: ({ broker }, host) => new Registry(broker, host),
});

type Json = Message["payload"];

/** A connector with the definitions that share it. */
interface Held {
  readonly connector: Connector & { close?(): Promise<void> };
  readonly fingerprint: string;
  uses: number;
}

class Registry implements Connectors, Actions, Lifecycle {
  readonly #host: Host;
  readonly #broker: Ref<Broker> | undefined;
  readonly #ports: WebhookPorts;
  readonly #held = new Map<string, Held>();

  constructor(broker: Ref<Broker> | undefined, host: Host) {
    this.#broker = broker;
    this.#host = host;
    this.#ports = new WebhookPorts(host.effects);
  }

  define(connectors: readonly ConnectorDefinition[]): () => void {
    const undo: (() => void)[] = [];
    const undefine = () => undo.splice(0).forEach((undoOne) => undoOne());
    try {
      for (const definition of connectors) undo.push(this.#hold(definition));
    } catch (error) {
      undefine();
      throw error;
    }
    return undefine;
  }

  connector(name: string): Connector {
    const held = this.#held.get(name);
    if (held !== undefined) return held.connector;
    const known = [...this.#held.keys()].map((name) => `"${name}"`);
    throw new RefusedError(
      "not-found",
      `Cannot use the connector "${name}": "${this.#host.name}" has ` +
        (known.length === 0 ? "none" : known.join(", ")),
    );
  }

  async act(
    action: string,
    input: Parameters<Actions["act"]>[1],
    context: Parameters<Actions["act"]>[2],
  ): Promise<Json> {
    if (action === "notify") {
      const { to, message } = notifyInput.parse(input);
      return await this.#notify(to, (message ?? null) as Json, context);
    }
    const { connector, action: asked, params, transform } = callInput
      .parse(input);
    const result = await this.connector(connector)
      .call(asked, params as ConnectorParams, context);
    if (transform === undefined) return result;
    try {
      return compileExpression(transform, TRANSFORM_VARIABLES)
        .evaluate({ result });
    } catch (cause) {
      throw new TerminalError(messageOf(cause), { cause });
    }
  }

  open(): void {
    this.#ports.open();
  }

  async close(): Promise<void> {
    await this.#ports.close();
  }

  async stop(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(held.map(({ connector }) => connector.close?.()));
  }

  async #notify(
    to: string,
    payload: Json,
    { idempotencyKey: id, via }: Parameters<Actions["act"]>[2],
  ): Promise<Json> {
    const handler = this.#host.all(MessageHandler)
      .find(({ name }) => name === to);
    if (handler !== undefined) {
      const publishedAt = this.#host.effects.clock.now();
      await handler.service.receive({
        ...{ id, topic: to, payload, publishedAt },
        attempt: 1,
        ...chainOf(via),
      });
      return { to, kind: "module" };
    }
    if (this.#broker === undefined) {
      throw new TerminalError(
        `Cannot tell "${to}": no message handler is called so, and the document ` +
          "has no broker for a topic",
      );
    }
    await this.#host.use(this.#broker).publish(to, payload, chainOf(via));
    return { to, kind: "topic" };
  }

  #hold(definition: ConnectorDefinition): () => void {
    const { name } = definition;
    const fingerprint = JSON.stringify(definition);
    const before = this.#held.get(name);
    const held = before?.fingerprint === fingerprint ? before : {
      connector: this.#make(definition),
      fingerprint,
      uses: 0,
    };
    held.uses++;
    this.#held.set(name, held);
    return () => {
      held.uses--;
      // A reload defines it again before anything else gets to run.
      queueMicrotask(() => this.#release(name, held));
    };
  }

  #release(name: string, held: Held): void {
    if (held.uses > 0) return;
    if (this.#held.get(name) === held) this.#held.delete(name);
    held.connector.close?.().catch((error) =>
      this.#host.log.warn(`Cannot close the connector "${name}"`, { error })
    );
  }

  #make(definition: ConnectorDefinition): Held["connector"] {
    const { name } = definition;
    const { effects } = this.#host;
    switch (definition.type) {
      case "webhook":
        return new WebhookConnector(name, definition.config, {
          host: this.#host,
          ports: this.#ports,
          broker: () => this.#broker && this.#host.use(this.#broker),
        });
      case "database":
        return new DatabaseConnector(name, definition.config, this.#host);
      default:
        return new HttpConnector(name, definition.config, effects);
    }
  }
}
