/**
 * One attempt at a delivery, and what follows from it.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";
import { callHttp, failureOf } from "@engine/outgoing/call_http.ts";
import type { CallLimits } from "@engine/outgoing/guarded_fetch.ts";
import { signatureHeaders } from "../_webhook_signature.ts";
import type { Delivery } from "./_outbox.ts";

/** How much of an answer is read, in bytes. */
const ANSWER_BYTES_READ = 4_096;

/** How deliveries are made. */
export interface DeliveryOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string | undefined;
  readonly timeoutMs: number;
  readonly allowPrivateIPs: boolean;
  readonly retriesMax: number;
  readonly initialBackoffMs: number;
  readonly backoffMsMax: number;
  readonly multiplier: number;
}

/** What became of an attempt. */
export type Outcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly inMs: number; readonly error: string }
  | { readonly kind: "dead"; readonly error: string }
  /** The application stops. */
  | { readonly kind: "broken-off" };

/** Makes an attempt. Never throws. */
export async function attempt(
  delivery: Delivery,
  options: DeliveryOptions,
  { effects, tracing, signal }: Pick<Host, "effects" | "tracing" | "signal">,
): Promise<Outcome> {
  const { url, body, id } = delivery;
  const { method, timeoutMs, allowPrivateIPs } = options;
  const call = {
    method,
    url,
    body,
    headers: headersOf(delivery, options, effects.clock.now()),
    idempotencyKey: id,
  };
  try {
    const limits: CallLimits = {
      timeoutMs,
      signal,
      allowPrivateIPs,
      // What the receiver says is for people; the status is what counts.
      answerBytesMax: ANSWER_BYTES_READ,
      longAnswer: "cut",
    };
    const result = await tracing.within(
      delivery.traceparent,
      () => callHttp(effects, call, limits),
    );
    if (result.status >= 200 && result.status <= 299) {
      return { kind: "delivered" };
    }
    throw failureOf(call, result, effects.clock.now());
  } catch (error) {
    if (signal.aborted) return { kind: "broken-off" };
    return afterError(error, delivery.attempts, options, effects.random);
  }
}

function headersOf(
  { id, body, headers }: Delivery,
  options: DeliveryOptions,
  nowMs: number,
): Record<string, string> {
  const timestamp = Math.floor(nowMs / 1_000);
  const signed = options.secret === undefined
    ? { "webhook-id": id }
    : signatureHeaders({ id, timestamp, body }, options.secret);
  const named = [...Object.entries(options.headers), ...Object.entries(headers)]
    .map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    "content-type": "application/json",
    ...Object.fromEntries(named),
    ...signed,
  };
}

/**
 * Who refuses for good, or must not be reached at all, is not asked again; whoever
 * mends that replays the dead letter.
 */
function afterError(
  error: unknown,
  attempts: number,
  options: DeliveryOptions,
  random: Host["effects"]["random"],
): Outcome {
  const message = messageOf(error);
  if (error instanceof TerminalError || attempts > options.retriesMax) {
    return { kind: "dead", error: message };
  }
  const asked = error instanceof RetryableError ? error.retryAfterMs : 0;
  const { initialBackoffMs, backoffMsMax, multiplier } = options;
  const backoffMs = Math.min(
    initialBackoffMs * multiplier ** (attempts - 1),
    backoffMsMax,
  );
  // Half of it by chance: what failed together does not come back together.
  const inMs = backoffMs * (0.5 + random.float() / 2);
  return { kind: "retry", inMs: Math.max(inMs, asked ?? 0), error: message };
}
