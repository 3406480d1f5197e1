/**
 * Calls HTTP services: adds what is the same for all calls, waits for the host's
 * turn, and calls again what failed for now and may be repeated.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { RetryableError, TerminalError } from "@engine/errors.ts";
import {
  callHttp,
  failureOf,
  type HttpCall,
  type HttpResult,
} from "@engine/outgoing/call_http.ts";
import type { Hop } from "@engine/outgoing/guarded_fetch.ts";
import type { HttpClient } from "@engine/services/http_client.ts";
import { HostSlots } from "./_host_slots.ts";

/** What is the same for all calls. */
export interface ClientOptions {
  readonly baseURL: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly maxPerHost: number;
  readonly allowPrivateIPs: boolean;
  readonly answerBytesMax: number;
  readonly maxRedirects: number;
}

/** Methods that may be repeated whatever became of the first time. */
const REPEATABLE: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "PUT",
  "DELETE",
]);

/** See the module comment. */
export class Client implements HttpClient {
  readonly #options: ClientOptions;
  readonly #host: Host;
  readonly #slots: HostSlots;

  constructor(options: ClientOptions, host: Host) {
    this.#options = options;
    this.#host = host;
    this.#slots = new HostSlots(options.maxPerHost);
  }

  async request(
    given: HttpCall,
    { signal = this.#host.signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<HttpResult> {
    const call = this.#completed(given);
    const host = URL.parse(call.url)?.host ?? "";
    // One that the receiver cannot tell from another is not sent twice.
    const retries = REPEATABLE.has(call.method) ||
        call.idempotencyKey !== undefined
      ? this.#options.retries
      : 0;
    for (let attempt = 0;; attempt++) {
      const outcome = await this.#slots.run(
        host,
        signal,
        () => this.#attempt(call, signal),
      );
      if (attempt >= retries || !(outcome.failure instanceof RetryableError)) {
        if (outcome.result === undefined) throw outcome.failure;
        return outcome.result;
      }
      const waitMs = this.#waitMs(attempt, outcome.failure);
      await this.#host.effects.clock.sleep(waitMs, signal);
    }
  }

  /** A status that is no success is a result, and a failure as well. */
  async #attempt(
    call: HttpCall,
    signal: AbortSignal,
  ): Promise<
    { readonly result?: HttpResult; readonly failure?: unknown }
  > {
    const { effects, meter, name } = this.#host;
    const count = (outcome: string) =>
      meter.recordOwn("http_client_calls_total", { client: name, outcome });
    try {
      const result = await callHttp(effects, call, {
        signal,
        timeoutMs: this.#options.timeoutMs,
        allowPrivateIPs: this.#options.allowPrivateIPs,
        answerBytesMax: this.#options.answerBytesMax,
        redirectsMax: this.#options.maxRedirects,
        atHop: (hop) => this.#atHop(hop, call.url),
      });
      count(`${Math.floor(result.status / 100)}xx`);
      return result.status < 400
        ? { result }
        : { result, failure: failureOf(call, result, effects.clock.now()) };
    } catch (failure) {
      count("failed");
      signal.throwIfAborted();
      return { failure };
    }
  }

  /** A redirect to another origin takes none of the module's headers along. */
  #atHop(hop: Hop, first: string): Hop {
    if (hop.url.origin === URL.parse(first)?.origin) return hop;
    const own = new Set(
      Object.keys(this.#options.headers).map((name) => name.toLowerCase()),
    );
    const headers = Object.entries(hop.headers ?? {})
      .filter(([name]) => !own.has(name.toLowerCase()));
    return { ...hop, headers: Object.fromEntries(headers) };
  }

  /** Twice as long each time, of which up to a half is left out by chance. */
  #waitMs(attempt: number, { retryAfterMs }: RetryableError): number {
    const { initialBackoffMs, maxBackoffMs } = this.#options;
    const waitMs = initialBackoffMs * 2 ** attempt *
      (1 - this.#host.effects.random.float() / 2);
    return Math.min(maxBackoffMs, retryAfterMs ?? waitMs);
  }

  /**
   * Adds the base URL and headers. Those may hold credentials, so they go to the
   * base URL's origin only.
   */
  #completed(call: HttpCall): HttpCall {
    const { baseURL, headers } = this.#options;
    if (baseURL === undefined) {
      return { ...call, headers: joined(headers, call) };
    }
    if (/^[a-z][a-z0-9+.-]*:/i.test(call.url) || call.url.startsWith("//")) {
      const isOwn = URL.parse(call.url)?.origin === new URL(baseURL).origin;
      return isOwn ? { ...call, headers: joined(headers, call) } : call;
    }
    const base = baseURL.replace(/\/+$/, "");
    const url = `${base}/${call.url.replace(/^\/+/, "")}`;
    const { pathname } = new URL(base);
    const path = URL.parse(url)?.pathname ?? "";
    if (
      !`${path}/`.startsWith(pathname.endsWith("/") ? pathname : `${pathname}/`)
    ) {
      throw new TerminalError(
        `Cannot call "${call.url}": it leads out of ${base}`,
      );
    }
    return { ...call, url, headers: joined(headers, call) };
  }
}

/** Those of the call take precedence, however their names are written. */
function joined(
  base: Readonly<Record<string, string>>,
  { headers = {} }: HttpCall,
): Readonly<Record<string, string>> {
  const all = new Map<string, string>();
  for (const [name, value] of [base, headers].flatMap(Object.entries<string>)) {
    all.set(name.toLowerCase(), value);
  }
  return Object.fromEntries(all);
}
