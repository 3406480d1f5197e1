/**
 * The contract of what holds the connections to services outside.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";
import type { ActContext } from "./actions.ts";
import type { Driver } from "../outgoing/sql/database.ts";

/** How an HTTP service is called. */
export interface HttpConnectorConfig {
  readonly baseURL: string;
  readonly authType: "none" | "basic" | "bearer";
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly requestsPerMinute?: number | undefined;
  readonly allowPrivateIPs: boolean;
}

/** What becomes of an event that a webhook has received. */
export type WebhookHandler =
  | { readonly workflow: string; readonly action: string }
  | { readonly topic: string };

/** Where webhooks are received. */
export interface WebhookConnectorConfig {
  readonly path: string;
  readonly hostname: string;
  readonly port: number;
  /** By the `type` of the event; `default` takes the rest. */
  readonly handlers: Readonly<Record<string, WebhookHandler>>;
  /** Only events that are signed with it are taken. */
  readonly secret?: string | undefined;
}

/** Which database is asked. */
export interface DatabaseConnectorConfig {
  readonly driver: Driver;
  readonly dsn: string;
  readonly maxOpenConns?: number | undefined;
}

/** One connector, as a document states it. */
export type ConnectorDefinition =
  & { readonly name: string }
  & (
    | {
      readonly type: "http" | "rest" | "api";
      readonly config: HttpConnectorConfig;
    }
    | { readonly type: "webhook"; readonly config: WebhookConnectorConfig }
    | { readonly type: "database"; readonly config: DatabaseConnectorConfig }
  );

/** What a connector takes and yields. */
export type ConnectorParams = Readonly<Record<string, JsonValue | undefined>>;

/** One service outside. */
export interface Connector {
  /**
   * Does one action: `GET /orders/{id}` of an HTTP service, `query` of a database.
   *
   * @throws {TerminalError} The action is wrong, or refused for good.
   * @throws {RetryableError} The service cannot be reached or is busy.
   */
  call(
    action: string,
    params: ConnectorParams,
    context: ActContext,
  ): Promise<JsonValue>;
}

/** Holds connectors by name. */
export interface Connectors {
  /**
   * Adds connectors; returns what takes them away. One that is defined again as
   * it was stays, with its connections. Webhooks are received from the time on
   * at which the application opens.
   *
   * @throws if the application is open and the port of a webhook is in use.
   */
  define(connectors: readonly ConnectorDefinition[]): () => void;
  /** @throws {RefusedError} `not-found`, with the nearest name. */
  connector(name: string): Connector;
}

/** Modules that hold connectors. */
export const Connectors = defineService<Connectors>(
  "connectors",
  "holds connections to services outside",
);
