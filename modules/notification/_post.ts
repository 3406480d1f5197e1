/**
 * Posts one message to an incoming webhook of Slack, once.
 *
 * @module
 */
import type { Host, JsonValue } from "@engine/define.ts";
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";
import { callHttp, failureOf } from "@engine/outgoing/call_http.ts";
import { shownUrl } from "@engine/outgoing/guarded_fetch.ts";

/** How much of an answer is read, in bytes; Slack says a word or two. */
const ANSWER_BYTES_READ = 4_096;

/** How much of an answer that makes no sense is shown, in characters. */
const ANSWER_CHARACTERS_SHOWN = 80;

/** What Slack takes; channel and username mean nothing to webhooks of an app. */
export type SlackMessage = {
  readonly text: string;
  readonly channel?: string;
  readonly username?: string;
};

/** Where to, and how long it may take. */
export interface PostOptions {
  readonly url: string;
  readonly timeoutMs: number;
  readonly allowPrivateIPs: boolean;
  readonly signal: AbortSignal;
}

/**
 * Posts a message. The URL, which is a secret, is in no error.
 *
 * @throws {TerminalError} Slack refuses it.
 * @throws {RetryableError} Slack asks for patience, or cannot be heard.
 */
export async function post(
  message: SlackMessage,
  { url, timeoutMs, allowPrivateIPs, signal }: PostOptions,
  effects: Pick<Host["effects"], "clock" | "network">,
): Promise<void> {
  const call = { method: "POST", url, body: message };
  try {
    const result = await callHttp(effects, call, {
      ...{ timeoutMs, signal, allowPrivateIPs },
      redirectsMax: 0,
      answerBytesMax: ANSWER_BYTES_READ,
      longAnswer: "cut",
    });
    const { status, body } = result;
    const isSuccess = status >= 200 && status <= 299;
    if (!isSuccess) throw failureOf(call, result, effects.clock.now());
    if (isConsent(body)) return;
    throw new RetryableError(
      `POST ${url} answered ${status}, and "${start(body)}" instead of "ok"`,
    );
  } catch (error) {
    signal.throwIfAborted();
    throw withoutUrl(error, url);
  }
}

/** Slack says `ok`; some that speak the same say it in JSON. */
function isConsent(body: JsonValue): boolean {
  if (typeof body === "string") return body.trim() === "ok";
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    return false;
  }
  const { ok, success } = body as Readonly<Record<string, JsonValue>>;
  return ok === true || success === true;
}

function start(body: JsonValue): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return text.slice(0, ANSWER_CHARACTERS_SHOWN);
}

function withoutUrl(error: unknown, url: string): Error {
  const origin = URL.parse(url)?.origin ?? "";
  // Longest first, since the second is the start of the first.
  const message = [url, shownUrl(url)].reduce(
    (text, secret) => text.replaceAll(secret, `${origin}/…`),
    messageOf(error),
  );
  const told = `Cannot post to Slack: ${message}`;
  if (!(error instanceof RetryableError)) return new TerminalError(told);
  const { retryAfterMs } = error;
  return new RetryableError(
    told,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}
