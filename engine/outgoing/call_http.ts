/**
 * One call of an HTTP service on behalf of a step: its body is JSON or text, its
 * status decides whether it worked, and whether trying again can help.
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import { RetryableError, TerminalError } from "../errors.ts";
import type { JsonValue } from "../store/store.ts";
import { type CallLimits, guardedFetch, shownUrl } from "./guarded_fetch.ts";

/** The longest wait that a service may ask for, in milliseconds: one hour. */
export const RETRY_AFTER_MS_MAX = 3_600_000;

/** How much of an answer an error shows, in characters. */
export const ANSWER_CHARACTERS_SHOWN = 200;

/** What to send. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  /** Added to those of the URL; lists repeat the name, null leaves it out. */
  readonly query?: Readonly<Record<string, JsonValue | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes as text, anything else as JSON. */
  readonly body?: JsonValue | undefined;
  /** Sent as `Idempotency-Key` with every method that changes something. */
  readonly idempotencyKey?: string;
}

/** What came back. */
export type HttpResult = {
  readonly status: number;
  /** By name in lower case; what came several times is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON where it can be read as that, else text; null where there is none. */
  readonly body: JsonValue;
};

/**
 * Makes a call and returns what came back, whatever its status.
 *
 * @throws as `guardedFetch` does.
 */
export async function callHttp(
  effects: Pick<Effects, "clock" | "network">,
  call: HttpCall,
  limits: CallLimits,
): Promise<HttpResult> {
  const { method } = call;
  const body = bodyOf(call);
  const answer = await guardedFetch(effects, {
    method,
    url: withQuery(call.url, call.query ?? {}),
    headers: headersOf(call),
    ...(body === undefined ? {} : { body }),
  }, limits);
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: valueOf(answer.body),
  };
}

/**
 * What a status that is no success means: the service asks for patience, or is
 * down for now, or refuses for good.
 */
export function failureOf(
  { method, url }: Pick<HttpCall, "method" | "url">,
  result: HttpResult,
  nowMs: number,
): RetryableError | TerminalError {
  const { status } = result;
  const message = `${method} ${shownUrl(url)} answered ${status}${
    excerpt(result.body)
  }`;
  if (status === 429 || status === 503) {
    const retryAfterMs = retryAfter(result.headers["retry-after"], nowMs);
    return new RetryableError(
      message,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    );
  }
  // 408 and 425 say by their meaning that the same request may work later.
  return status >= 500 || status === 408 || status === 425
    ? new RetryableError(message)
    : new TerminalError(message);
}

/** Milliseconds from now, of seconds or of a date. */
function retryAfter(
  text: string | undefined,
  nowMs: number,
): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds)
    ? seconds * 1_000
    : new Date(text).getTime() - nowMs;
  if (Number.isNaN(ms)) return undefined;
  return Math.min(Math.max(0, ms), RETRY_AFTER_MS_MAX);
}

function excerpt(body: JsonValue): string {
  if (body === null || body === "") return "";
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const shown = text.length > ANSWER_CHARACTERS_SHOWN
    ? `${text.slice(0, ANSWER_CHARACTERS_SHOWN)}…`
    : text;
  return `: ${shown}`;
}

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

function headersOf(
  { method, headers = {}, body, idempotencyKey }: HttpCall,
): Record<string, string> {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const type = typeof body === "string"
    ? "text/plain; charset=utf-8"
    : "application/json";
  return {
    ...(body === undefined ? {} : { "content-type": type }),
    ...(idempotencyKey === undefined || SAFE.has(method)
      ? {}
      : { "idempotency-key": idempotencyKey }),
    ...lower,
  };
}

function bodyOf({ body }: HttpCall): string | undefined {
  if (body === undefined) return undefined;
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** Adds parameters to those that the URL has. */
function withQuery(
  text: string,
  query: NonNullable<HttpCall["query"]>,
): string {
  const url = URL.parse(text);
  // The guard says what is wrong with it.
  if (url === null) return text;
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) {
      if (one === undefined || one === null) continue;
      url.searchParams.append(
        name,
        typeof one === "object" ? JSON.stringify(one) : String(one),
      );
    }
  }
  return url.href;
}

function valueOf(bytes: Uint8Array): JsonValue {
  if (bytes.length === 0) return null;
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    // Not every service answers with JSON, whatever its header says.
    return text;
  }
}
