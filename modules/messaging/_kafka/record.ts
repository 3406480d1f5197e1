/**
 * Messages as Kafka has them: the payload is the value, and what else a message
 * has goes into headers.
 *
 * @module
 */
import type { Message } from "@engine/services/broker.ts";
import type { Headers, NewRecord, StoredRecord } from "./driver.ts";
import { isEncrypted, type PayloadCipher } from "./payload_cipher.ts";

/** The headers that we write and read. */
export const HEADERS = {
  id: "workflow-id",
  via: "workflow-via",
  /** As the W3C has it, so that other programs go on with a trace, too. */
  traceparent: "traceparent",
  contentType: "content-type",
} as const;

/** Says of a text that it is one, though it may look like JSON. */
const TEXT = "text/plain";

/** A message with what only Kafka knows of it. */
export interface KafkaMessage extends Message {
  /** Absent for none. */
  readonly key?: string;
  readonly headers: Headers;
  readonly partition: number;
  readonly offset: string;
}

/** A message that is to be published. */
export interface Outgoing {
  /** Absent: the place of the record is its id. */
  readonly id: string | undefined;
  readonly topic: string;
  readonly payload: Message["payload"];
  readonly key: string | undefined;
  readonly headers: Headers;
  readonly via: readonly string[] | undefined;
  readonly traceparent?: string;
}

/**
 * The record of a message. A text is its own value; anything else is JSON. No
 * promise where nothing is encrypted, since there are many of them.
 */
export function recordOf(
  message: Outgoing,
  cipher: PayloadCipher | undefined,
): NewRecord | Promise<NewRecord> {
  const { payload } = message;
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  if (cipher === undefined) return withValue(message, text);
  return cipher.encrypt(text).then((sealed) =>
    withValue(message, JSON.stringify({ _encrypted: sealed }))
  );
}

function withValue(
  { id, topic, payload, key, headers, via, traceparent }: Outgoing,
  value: string,
): NewRecord {
  const isText = typeof payload === "string";
  return {
    topic,
    key: key ?? null,
    value,
    headers: {
      ...(isText ? { [HEADERS.contentType]: TEXT } : {}),
      ...headers,
      ...(id === undefined ? {} : { [HEADERS.id]: id }),
      ...(via === undefined ? {} : { [HEADERS.via]: JSON.stringify(via) }),
      ...(traceparent === undefined
        ? {}
        : { [HEADERS.traceparent]: traceparent }),
    },
  };
}

/**
 * The message of a record. What others wrote is read as JSON, else as a text.
 * What is not encrypted passes as it is. No promise if nothing is to be decrypted.
 *
 * @throws {TerminalError} if it is encrypted and no key fits.
 */
export function messageOfRecord(
  record: StoredRecord,
  cipher: PayloadCipher | undefined,
): KafkaMessage | Promise<KafkaMessage> {
  if (record.value === null) return withPayload(record, null);
  const text = textOf(record.value);
  const sealed = cipher === undefined ? undefined : sealedOf(text);
  if (sealed === undefined || cipher === undefined) {
    return withPayload(record, payloadOf(text, record.headers));
  }
  return cipher.decrypt(sealed).then((opened) =>
    withPayload(record, payloadOf(opened, record.headers))
  );
}

function withPayload(
  { topic, partition, offset, key, headers, timestamp }: StoredRecord,
  payload: Message["payload"],
): KafkaMessage {
  const via = viaOf(headers);
  const traceparent = headers[HEADERS.traceparent];
  return {
    id: headers[HEADERS.id] ?? `${topic}/${partition}/${offset}`,
    topic,
    payload,
    publishedAt: timestamp,
    attempt: 1,
    ...(via === undefined ? {} : { via }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(key === null ? {} : { key: textOf(key) }),
    headers,
    partition,
    offset,
  };
}

function payloadOf(text: string, headers: Headers): Message["payload"] {
  if (headers[HEADERS.contentType]?.startsWith("text/")) return text;
  const value = parsed(text) as Message["payload"] | undefined;
  return value === undefined ? text : value;
}

/** What is in `{"_encrypted": "enc::…"}`. */
function sealedOf(text: string): string | undefined {
  if (!text.startsWith("{")) return undefined;
  const value = parsed(text) as { readonly _encrypted?: unknown } | undefined;
  const sealed = value?._encrypted;
  return isEncrypted(sealed) ? sealed : undefined;
}

/** `undefined` for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function viaOf(headers: Headers): readonly string[] | undefined {
  const text = headers[HEADERS.via];
  const via = text === undefined ? undefined : parsed(text);
  if (!Array.isArray(via)) return undefined;
  return via.filter((entry) => typeof entry === "string");
}

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
