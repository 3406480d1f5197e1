/**
 * Messages as NATS carries them: the payload as text, the rest as headers.
 *
 * @module
 */
import type { MsgHdrs } from "@nats-io/transport-node";
import { TerminalError } from "@engine/errors.ts";
import type { Message } from "@engine/services/broker.ts";

type Payload = Message["payload"];

/** The headers that this module writes and reads, beside those of NATS. */
export const HEADERS = {
  /** By which a stream tells that a message is already in it. */
  messageId: "Nats-Msg-Id",
  /** The id of a message that is published again under another one. */
  originalId: "Workflow-Message-Id",
  via: "Workflow-Via",
  /** As the W3C has it, so that other programs go on with a trace, too. */
  traceparent: "traceparent",
  /** The only consumer that a message is for. */
  onlyFor: "Workflow-Only-For",
  /** Of a dead letter. */
  reason: "Workflow-Dead-Reason",
  subject: "Workflow-Dead-Subject",
  consumer: "Workflow-Dead-Consumer",
  attempts: "Workflow-Dead-Attempts",
} as const;

/**
 * A text that is no JSON goes as it is, anything else as JSON: whatever is
 * encoded is decoded to the same value.
 */
export function encodePayload(payload: Payload): string {
  if (typeof payload !== "string") return JSON.stringify(payload);
  return isJson(payload) ? JSON.stringify(payload) : payload;
}

/** @throws {TerminalError} if it is no text. */
export function decodePayload(data: Uint8Array): Payload {
  const text = decodeText(data);
  try {
    return JSON.parse(text) as Payload;
  } catch {
    // A text, as other programs may publish it.
    return text;
  }
}

/** Where a message comes from. */
export interface Origin {
  readonly via?: Message["via"] | undefined;
  readonly traceparent?: string | undefined;
}

/** The origin that headers tell of; none if another program has put nonsense there. */
export function originOf(
  headers: MsgHdrs | undefined,
): Pick<Message, "via" | "traceparent"> {
  if (headers === undefined) return {};
  const via = viaOf(headers.get(HEADERS.via));
  const traceparent = headers.get(HEADERS.traceparent);
  return {
    ...(via === undefined ? {} : { via }),
    ...(traceparent === "" ? {} : { traceparent }),
  };
}

/** The headers that tell of an origin; for most messages there are none. */
export function originHeaders(
  { via, traceparent }: Origin,
): Readonly<Record<string, string>> | undefined {
  if (via === undefined && traceparent === undefined) return undefined;
  return {
    ...(via === undefined ? {} : { [HEADERS.via]: viaHeader(via) }),
    ...(traceparent === undefined
      ? {}
      : { [HEADERS.traceparent]: traceparent }),
  };
}

function viaOf(text: string): readonly string[] | undefined {
  if (text === "") return undefined;
  try {
    const via: unknown = JSON.parse(text);
    return Array.isArray(via) && via.every((each) => typeof each === "string")
      ? via
      : undefined;
  } catch {
    return undefined;
  }
}

/** A header's value has no line breaks and only characters of ASCII. */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").slice(0, HEADER_CHARACTERS_MAX);
}

/** The entries of `via` as a header's value. */
function viaHeader(via: readonly string[]): string {
  // Escapes are JSON as well, and ASCII.
  return JSON.stringify(via).replace(
    /[^\x20-\x7e]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const HEADER_CHARACTERS_MAX = 1_000;

const decoder = new TextDecoder();

/** Several times slower than one that does not mind. */
const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** Stands for what is no UTF-8; but it may have been meant. */
const REPLACEMENT = "\ufffd";

function decodeText(data: Uint8Array): string {
  const text = decoder.decode(data);
  if (!text.includes(REPLACEMENT)) return text;
  try {
    return strictDecoder.decode(data);
  } catch (cause) {
    throw new TerminalError(
      `Cannot read a message of ${data.length} bytes: it is no UTF-8 text`,
      { cause },
    );
  }
}

/** Whether a text would be read as something else. */
function isJson(text: string): boolean {
  // Most texts begin like no JSON does.
  if (!/^[\s{["\-0-9tfn]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
