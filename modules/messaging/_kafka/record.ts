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
  contentType: "content-type",
} as const;

const TEXT = "text/plain";
const JSON_TYPE = "application/json";

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
  readonly id: string;
  readonly topic: string;
  readonly payload: Message["payload"];
  readonly key: string | undefined;
  readonly headers: Headers;
  readonly via: readonly string[] | undefined;
}

/** The record of a message. A text is its own value; anything else is JSON. */
export async function recordOf(
  { id, topic, payload, key, headers, via }: Outgoing,
  cipher: PayloadCipher | undefined,
): Promise<NewRecord> {
  const isText = typeof payload === "string";
  const text = isText ? payload : JSON.stringify(payload);
  return {
    topic,
    key: key ?? null,
    value: cipher === undefined
      ? text
      : JSON.stringify({ _encrypted: await cipher.encrypt(text) }),
    headers: {
      [HEADERS.contentType]: isText ? TEXT : JSON_TYPE,
      ...headers,
      [HEADERS.id]: id,
      ...(via === undefined ? {} : { [HEADERS.via]: JSON.stringify(via) }),
    },
  };
}

/**
 * The message of a record. What others wrote is read as JSON, else as a text.
 * What is not encrypted passes as it is.
 *
 * @throws {TerminalError} if it is encrypted and no key fits.
 */
export async function messageOfRecord(
  record: StoredRecord,
  cipher: PayloadCipher | undefined,
): Promise<KafkaMessage> {
  const { topic, partition, offset, headers } = record;
  const via = viaOf(headers);
  return {
    id: headers[HEADERS.id] ?? `${topic}/${partition}/${offset}`,
    topic,
    payload: await payloadOf(record, cipher),
    publishedAt: record.timestamp,
    attempt: 1,
    ...(via === undefined ? {} : { via }),
    ...(record.key === null ? {} : { key: textOf(record.key) }),
    headers,
    partition,
    offset,
  };
}

async function payloadOf(
  { value: bytes, headers }: StoredRecord,
  cipher: PayloadCipher | undefined,
): Promise<Message["payload"]> {
  if (bytes === null) return null;
  let text = textOf(bytes);
  const sealed = cipher === undefined ? undefined : sealedOf(text);
  if (sealed !== undefined && cipher !== undefined) {
    text = await cipher.decrypt(sealed);
  }
  const isText = headers[HEADERS.contentType]?.startsWith("text/") ?? false;
  if (isText) return text;
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
