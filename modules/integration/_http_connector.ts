/**
 * Calls an HTTP service on behalf of steps.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import { callHttp, failureOf } from "@engine/outgoing/call_http.ts";
import { fillPath, parseHttpAction } from "@engine/outgoing/http_action.ts";
import type {
  Connector,
  ConnectorParams,
  HttpConnectorConfig,
} from "@engine/services/connectors.ts";
import { Pace } from "./_pace.ts";

type Context = Parameters<Connector["call"]>[2];
type Result = Awaited<ReturnType<Connector["call"]>>;

/** See `Connector`. */
export class HttpConnector implements Connector {
  readonly #name: string;
  readonly #config: HttpConnectorConfig;
  readonly #effects: Host["effects"];
  readonly #pace: Pace | undefined;

  constructor(
    name: string,
    settings: HttpConnectorConfig,
    effects: Host["effects"],
  ) {
    this.#name = name;
    this.#config = settings;
    this.#effects = effects;
    const { requestsPerMinute } = settings;
    this.#pace = requestsPerMinute === undefined
      ? undefined
      : new Pace(requestsPerMinute, effects.clock);
  }

  async call(
    action: string,
    params: ConnectorParams,
    { signal, idempotencyKey }: Context,
  ): Promise<Result> {
    const parsed = parseHttpAction(action);
    if (parsed === undefined) {
      throw new TerminalError(
        `Cannot do "${action}" with "${this.#name}": expected a method and a ` +
          'path, such as "GET /orders/{id}"',
      );
    }
    const { method } = parsed;
    const { path, rest } = fillPath(parsed, params);
    const { baseURL, allowPrivateIPs, timeoutSeconds } = this.#config;
    const url = baseURL.replace(/\/+$/, "") + path;
    const timeoutMs = timeoutSeconds * 1_000;
    await this.#pace?.turn(timeoutMs, signal);
    const isQuery = method === "GET" || method === "HEAD";
    const call = {
      method,
      url,
      idempotencyKey,
      headers: this.#headers(),
      ...(isQuery ? { query: rest } : { body: rest }),
    };
    const limits = { timeoutMs, signal, allowPrivateIPs };
    const result = await callHttp(this.#effects, call, limits);
    if (result.status >= 400) {
      throw failureOf(call, result, this.#effects.clock.now());
    }
    return resultOf(result.status, result.body);
  }

  #headers(): Record<string, string> {
    const { authType, username, password, token, headers } = this.#config;
    if (authType === "bearer") {
      return { ...headers, authorization: `Bearer ${token ?? ""}` };
    }
    if (authType === "basic") {
      const credentials = new TextEncoder()
        .encode(`${username ?? ""}:${password ?? ""}`).toBase64();
      return { ...headers, authorization: `Basic ${credentials}` };
    }
    return headers;
  }
}

/** The fields of an object with the status; what is no object stands under `raw`. */
function resultOf(statusCode: number, body: Result): Result {
  if (body === null) return { statusCode };
  const isObject = typeof body === "object" && !Array.isArray(body);
  return isObject ? { ...body, statusCode } : { raw: body, statusCode };
}
