/**
 * Receives events from outside and hands each to a workflow or a topic. The
 * sender gets its 200 once that has accepted the event.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { readBody } from "@engine/outgoing/read_body.ts";
import type { Broker } from "@engine/services/broker.ts";
import type {
  Connector,
  WebhookConnectorConfig,
  WebhookHandler,
} from "@engine/services/connectors.ts";
import { signatureFault } from "../_webhook_signature.ts";
import type { WebhookPorts } from "./_webhook_ports.ts";

/** The longest event, in bytes: 1 MiB. */
export const EVENT_BYTES_MAX = 1024 * 1024;

type Json = Parameters<Broker["publish"]>[1];

/** What an event is handed to. */
export interface Surroundings {
  readonly host: Host;
  readonly ports: WebhookPorts;
  readonly broker: () => Broker | undefined;
}

/** See `Connector`. Its only action tells how it is. */
export class WebhookConnector implements Connector {
  readonly #name: string;
  readonly #config: WebhookConnectorConfig;
  readonly #around: Surroundings;
  readonly #remove: () => void;

  /** @throws {Deno.errors.AddrInUse} if the application is open and the port is taken. */
  constructor(
    name: string,
    settings: WebhookConnectorConfig,
    around: Surroundings,
  ) {
    this.#name = name;
    this.#config = settings;
    this.#around = around;
    this.#remove = around.ports.add(
      settings,
      (request) => this.#receive(request),
    );
  }

  // deno-lint-ignore require-await -- other connectors go elsewhere
  async call(): Promise<Json> {
    const { path, port } = this.#config;
    const isListening = this.#around.ports.isListening(this.#config);
    return { name: this.#name, path, port, isListening };
  }

  close(): Promise<void> {
    this.#remove();
    return Promise.resolve();
  }

  async #receive(request: Request): Promise<Response> {
    if (request.method !== "POST") {
      await request.body?.cancel();
      return refusal(405, "Events are sent with POST", { allow: "POST" });
    }
    const read = await this.#read(request);
    if (read instanceof Response) return read;
    const handler = this.#handlerOf(read.event);
    if (handler === undefined) {
      return refusal(501, "Nothing handles this type of event");
    }
    try {
      await this.#handle(handler, read.event, request.headers);
      return Response.json({ status: "ok" });
    } catch (error) {
      this.#around.host.log.error(
        `Cannot handle an event of "${this.#name}": ${messageOf(error)}`,
      );
      return refusal(500, "The event could not be handled");
    }
  }

  async #read(
    request: Request,
  ): Promise<Response | { readonly event: Json }> {
    let body: Uint8Array | undefined;
    try {
      body = await readBody(request, EVENT_BYTES_MAX);
    } catch {
      // The sender stopped half-way.
      return refusal(400, "The event cannot be read");
    }
    if (body === undefined) {
      return refusal(
        413,
        `The event is larger than the limit of ${EVENT_BYTES_MAX} bytes`,
      );
    }
    const { secret } = this.#config;
    const { clock } = this.#around.host.effects;
    const fault = secret === undefined
      ? undefined
      : signatureFault(request.headers, body, { secret, nowMs: clock.now() });
    if (fault !== undefined) return refusal(401, fault);
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
      return { event: JSON.parse(text) };
    } catch {
      return refusal(400, "The event is not valid JSON");
    }
  }

  #handlerOf(event: Json): WebhookHandler | undefined {
    const { handlers } = this.#config;
    const type = isObject(event) ? event.type : undefined;
    return typeof type === "string" && Object.hasOwn(handlers, type)
      ? handlers[type]
      : handlers.default;
  }

  async #handle(
    handler: WebhookHandler,
    event: Json,
    headers: Headers,
  ): Promise<void> {
    const { host, broker } = this.#around;
    if ("topic" in handler) {
      const found = broker();
      if (found === undefined) {
        throw new Error(
          `Cannot publish to "${handler.topic}": the registry has no broker`,
        );
      }
      return await found.publish(handler.topic, event);
    }
    const key = headers.get("webhook-id") ?? headers.get("idempotency-key");
    const data = isObject(event) ? event : { event };
    await host.dispatch(handler.workflow, handler.action, data, {
      source: `webhook ${this.#name}`,
      ...(key === null ? {} : { idempotencyKey: key }),
    });
  }
}

function isObject(event: Json): event is JsonObject & Json {
  return typeof event === "object" && event !== null && !Array.isArray(event);
}

function refusal(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ error }, { status, headers });
}
