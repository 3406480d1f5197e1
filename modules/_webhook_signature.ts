/**
 * Signs webhooks and verifies the signatures of others, as the Standard Webhooks
 * specification has it: HMAC SHA-256 over the id, the time and the body, so that
 * neither can be changed and an old webhook cannot be sent again.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** How far the clocks of sender and receiver may be apart, in seconds. */
export const TOLERANCE_SECONDS = 300;

/** What is signed. */
export interface SignedWebhook {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly body: string | Uint8Array;
}

/** The headers that say who sends a webhook and that it is whole. */
export function signatureHeaders(
  webhook: SignedWebhook,
  secret: string,
): Record<string, string> {
  return {
    "webhook-id": webhook.id,
    "webhook-timestamp": String(webhook.timestamp),
    "webhook-signature": `v1,${digest(webhook, secret).toString("base64")}`,
  };
}

/** Why a webhook is not to be trusted; `undefined` if it is. */
export function signatureFault(
  headers: Headers,
  body: Uint8Array,
  { secret, nowMs }: { readonly secret: string; readonly nowMs: number },
): string | undefined {
  const id = headers.get("webhook-id");
  const timestamp = Number(headers.get("webhook-timestamp") ?? Number.NaN);
  const signatures = headers.get("webhook-signature");
  if (id === null || signatures === null || !Number.isInteger(timestamp)) {
    return "The webhook is not signed";
  }
  if (Math.abs(nowMs / 1_000 - timestamp) > TOLERANCE_SECONDS) {
    return `The webhook was signed more than ${TOLERANCE_SECONDS} s away from now`;
  }
  const expected = digest({ id, timestamp, body }, secret);
  // A sender that changes its secret signs with the old and the new one.
  const isSigned = signatures.split(" ").some((signature) =>
    signature.startsWith("v1,") && isEqual(signature.slice(3), expected)
  );
  return isSigned ? undefined : "The webhook is signed with another secret";
}

function isEqual(base64: string, expected: Uint8Array): boolean {
  let given: Uint8Array;
  try {
    given = Uint8Array.fromBase64(base64);
  } catch {
    // What is no base64 is no signature either.
    return false;
  }
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function digest({ id, timestamp, body }: SignedWebhook, secret: string) {
  return createHmac("sha256", keyOf(secret))
    .update(`${id}.${timestamp}.`).update(body).digest();
}

/** `whsec_` is followed by base64; any other secret is taken as it is. */
function keyOf(secret: string): string | Uint8Array {
  if (!secret.startsWith("whsec_")) return secret;
  try {
    return Uint8Array.fromBase64(secret.slice("whsec_".length));
  } catch {
    // The prefix alone does not make it base64.
    return secret;
  }
}
