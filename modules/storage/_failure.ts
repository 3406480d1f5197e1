/**
 * What an answer of S3 that is no success means.
 *
 * @module
 */
import { RetryableError, TerminalError } from "@engine/errors.ts";
import { textIn } from "./_xml.ts";

/** What came back. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** S3 refuses for good. */
export class S3Refusal extends TerminalError {
  /** As S3 has it, such as `NoSuchKey`; empty where the answer does not say. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** Codes that mean "later", whatever their status. */
const FOR_NOW: ReadonlySet<string> = new Set([
  "InternalError",
  "OperationAborted",
  "RequestTimeout",
  "ServiceUnavailable",
  "SlowDown",
]);

/** How much of an answer that is no XML an error shows, in characters. */
const SHOWN_CHARACTERS_MAX = 120;

/**
 * The error that an answer is.
 *
 * @param attempted Such as `Cannot put "a" into "bucket"`.
 */
export function failureOf(
  attempted: string,
  answer: S3Answer,
): RetryableError | S3Refusal {
  const { status, headers } = answer;
  const { code, told } = said(answer);
  const message = `${attempted}: ${told} (HTTP ${status})`;
  const isForNow = status >= 500 || status === 429 || status === 408 ||
    FOR_NOW.has(code);
  if (!isForNow) return new S3Refusal(message, code);
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return new RetryableError(
    message,
    seconds >= 0 ? { retryAfterMs: seconds * 1_000 } : {},
  );
}

/** A success that says nothing of what it must say. */
export function malformed(
  attempted: string,
  { status, body }: S3Answer,
  missing: string,
): RetryableError {
  return new RetryableError(
    `${attempted}: the answer has no ${missing} ` +
      `(HTTP ${status}, "${start(new TextDecoder().decode(body))}")`,
  );
}

/** Where the bucket is instead; S3 redirects to it. */
function elsewhere({ status, headers }: S3Answer): string {
  const region = headers.get("x-amz-bucket-region");
  const isMoved = status >= 300 && status <= 399;
  return isMoved && region !== null ? `; the bucket is in "${region}"` : "";
}

function said(answer: S3Answer): { code: string; told: string } {
  const text = new TextDecoder().decode(answer.body);
  const code = textIn(text, "Code") ?? "";
  const words = code === ""
    ? start(text)
    : [code, textIn(text, "Message")].filter(Boolean).join(": ");
  return {
    code,
    told: (words || "the answer does not say why") + elsewhere(answer),
  };
}

function start(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > SHOWN_CHARACTERS_MAX
    ? `${line.slice(0, SHOWN_CHARACTERS_MAX)}…`
    : line;
}
