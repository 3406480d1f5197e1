/**
 * The objects of one bucket, under a prefix that callers do not see.
 *
 * @module
 */
import { RefusedError } from "@engine/errors.ts";
import type {
  ObjectFacts,
  ObjectStorage,
  PutOptions,
} from "@engine/services/object_storage.ts";
import type { S3Client } from "./_client.ts";
import { malformed, type S3Answer, S3Refusal } from "./_failure.ts";
import { etagOf, partsOf, uploadParts, withoutQuotes } from "./_multipart.ts";
import { partsIn, textIn } from "./_xml.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Which objects, and how they are written. */
export interface BucketSettings {
  readonly bucket: string;
  /** Begins every key. */
  readonly prefix: string;
  /** From how many bytes on an object is written in parts. */
  readonly multipartThreshold: number;
  readonly partBytes: number;
  /** Told what was left behind by an upload that failed. */
  readonly onLeftover: (error: unknown) => void;
}

/** What a list says of an object. */
export type ListedObject = Pick<
  ObjectFacts,
  "key" | "size" | "etag" | "modifiedAt"
>;

/** A page of a list, in the order of the keys. */
export interface ObjectPage {
  readonly objects: readonly ListedObject[];
  /** What keys have in common up to the delimiter. */
  readonly folders: readonly string[];
  /** Goes on behind this page; absent at the end. */
  readonly next?: string;
}

/** Which page. */
export interface ListOptions {
  readonly prefix: string;
  readonly delimiter?: string | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

const METADATA = "x-amz-meta-";

/** See the module comment. */
export class Bucket implements ObjectStorage {
  readonly #client: S3Client;
  readonly #settings: BucketSettings;

  constructor(client: S3Client, settings: BucketSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  async put(
    key: string,
    body: Bytes | ReadableStream<Uint8Array>,
    { contentType, metadata = {}, signal }: PutOptions,
  ): Promise<string> {
    const { partBytes, multipartThreshold, onLeftover } = this.#settings;
    const named = Object.entries(metadata)
      .map(([name, value]) => [METADATA + name, value]);
    const target = {
      attempted: this.#attempted("put", key, "into"),
      key: this.#settings.prefix + key,
      headers: { "content-type": contentType, ...Object.fromEntries(named) },
    };
    if (body instanceof Uint8Array && body.length < multipartThreshold) {
      return await this.#putWhole({ ...target, body }, signal);
    }
    const stream = body instanceof Uint8Array ? streamOf(body) : body;
    const parts = partsOf(stream, partBytes);
    const first = await parts.next();
    if (first.done || first.value.length < partBytes) {
      // There is no second part, so that there need not be parts.
      const whole = first.done ? new Uint8Array() : first.value;
      return await this.#putWhole({ ...target, body: whole }, signal);
    }
    return await uploadParts(
      this.#client,
      { ...target, parts: startingWith(first.value, parts), onLeftover },
      signal,
    );
  }

  async get(
    key: string,
    { bytesMax, signal }: {
      readonly bytesMax: number;
      readonly signal: AbortSignal;
    },
  ): Promise<{ facts: ObjectFacts; body: Bytes } | undefined> {
    const attempted = this.#attempted("get", key, "from");
    return await this.#client.call({
      attempted,
      method: "GET",
      key: this.#settings.prefix + key,
      answerBytesMax: bytesMax,
      read: (answer) => ({
        facts: factsOf(attempted, key, answer, answer.body.length),
        body: answer.body,
      }),
    }, signal).catch(nothingFor("NoSuchKey"));
  }

  /** What is known of an object; nothing if there is none. */
  async head(
    key: string,
    signal: AbortSignal,
  ): Promise<ObjectFacts | undefined> {
    const attempted = this.#attempted("find", key, "in");
    const facts = await this.#client.call({
      attempted,
      method: "HEAD",
      key: this.#settings.prefix + key,
      read: (answer) =>
        factsOf(
          attempted,
          key,
          answer,
          Number(answer.headers.get("content-length")),
        ),
      // Its answer has no body, and so no code.
    }, signal).catch(nothingFor(""));
    if (facts === undefined) await this.#requireBucket(attempted, signal);
    return facts;
  }

  async delete(key: string, signal: AbortSignal): Promise<void> {
    await this.#client.call({
      attempted: this.#attempted("delete", key, "from"),
      method: "DELETE",
      key: this.#settings.prefix + key,
      read: () => {},
    }, signal).catch(nothingFor("NoSuchKey"));
  }

  async list(options: ListOptions, signal: AbortSignal): Promise<ObjectPage> {
    const attempted = `Cannot list "${this.#settings.bucket}"`;
    const { prefix } = this.#settings;
    const { delimiter, limit, after } = options;
    return await this.#client.call({
      attempted,
      method: "GET",
      query: {
        "list-type": "2",
        "max-keys": String(limit),
        prefix: prefix + options.prefix,
        ...delimiter === undefined ? {} : { delimiter },
        ...after === undefined ? {} : { "continuation-token": after },
      },
      read: (answer) => pageOf(attempted, answer, prefix),
    }, signal);
  }

  /**
   * Finds out once, without another attempt, whether the bucket can be used.
   *
   * @throws as a call does.
   */
  async look(signal: AbortSignal, timeoutMs: number): Promise<void> {
    await this.#client.once(
      this.#lookAs(`Cannot use "${this.#settings.bucket}"`),
      signal,
      timeoutMs,
    );
  }

  /** Makes the bucket; one that is there already is made. */
  async make(signal: AbortSignal): Promise<void> {
    const { region, timeoutMs } = this.#client.settings;
    const place = `<LocationConstraint>${region}</LocationConstraint>`;
    const body = region === "us-east-1"
      ? ""
      : `<CreateBucketConfiguration>${place}</CreateBucketConfiguration>`;
    await this.#client.once(
      {
        attempted: `Cannot make "${this.#settings.bucket}"`,
        method: "PUT",
        body: new TextEncoder().encode(body),
        read: () => {},
      },
      signal,
      timeoutMs,
    ).catch(nothingFor("BucketAlreadyOwnedByYou"));
  }

  /** A URL by which somebody without credentials reads or writes an object. */
  async presign(
    method: "GET" | "PUT",
    key: string,
    seconds: number,
  ): Promise<string> {
    const { prefix } = this.#settings;
    return await this.#client.presign(method, prefix + key, seconds);
  }

  async #putWhole(
    { attempted, ...target }: {
      readonly attempted: string;
      readonly key: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Bytes;
    },
    signal: AbortSignal,
  ): Promise<string> {
    return await this.#client.call({
      ...target,
      attempted,
      method: "PUT",
      read: (answer) => etagOf(attempted, answer),
    }, signal);
  }

  /** Tells an object that is missing from a bucket that is. */
  async #requireBucket(attempted: string, signal: AbortSignal): Promise<void> {
    await this.#client.call(this.#lookAs(attempted), signal)
      .catch(nothingFor("AccessDenied"));
  }

  #lookAs(attempted: string) {
    return {
      attempted,
      method: "GET" as const,
      query: { "list-type": "2", "max-keys": "1" },
      read: (answer: S3Answer) => void pageOf(attempted, answer, ""),
    };
  }

  #attempted(verb: string, key: string, preposition: string): string {
    const { bucket } = this.#settings;
    return `Cannot ${verb} ${JSON.stringify(key)} ${preposition} "${bucket}"`;
  }
}

function nothingFor(code: string): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof S3Refusal && error.code === code) return undefined;
    throw error;
  };
}

function factsOf(
  attempted: string,
  key: string,
  answer: S3Answer,
  size: number,
): ObjectFacts {
  const { headers } = answer;
  const metadata = [...headers]
    .filter(([name]) => name.startsWith(METADATA))
    .map(([name, value]) => [name.slice(METADATA.length), value]);
  return {
    key,
    size,
    etag: etagOf(attempted, answer),
    contentType: headers.get("content-type") ?? "application/octet-stream",
    modifiedAt: new Date(headers.get("last-modified") ?? 0).getTime(),
    metadata: Object.fromEntries(metadata),
  };
}

function pageOf(
  attempted: string,
  answer: S3Answer,
  prefix: string,
): ObjectPage {
  const xml = new TextDecoder().decode(answer.body);
  const [list] = partsIn(xml, "ListBucketResult", 1);
  if (list === undefined) throw malformed(attempted, answer, "list");
  const shown = (key: string | undefined) => {
    if (key?.startsWith(prefix)) return key.slice(prefix.length);
    throw malformed(attempted, answer, "key of its prefix");
  };
  const objects = partsIn(list, "Contents").map((entry) => ({
    key: shown(textIn(entry, "Key")),
    size: Number(textIn(entry, "Size")),
    etag: withoutQuotes(textIn(entry, "ETag") ?? ""),
    modifiedAt: new Date(textIn(entry, "LastModified") ?? 0).getTime(),
  }));
  const folders = partsIn(list, "CommonPrefixes")
    .map((entry) => shown(textIn(entry, "Prefix")));
  const next = textIn(list, "IsTruncated") === "true"
    ? textIn(list, "NextContinuationToken")
    : undefined;
  return { objects, folders, ...next === undefined ? {} : { next } };
}

function streamOf(bytes: Bytes): ReadableStream<Uint8Array> {
  return ReadableStream.from([bytes]);
}

async function* startingWith<T>(
  first: T,
  rest: AsyncIterable<T>,
): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

/** What steps get where there must be an object. */
export function noSuchObject(key: string, bucket: string): RefusedError {
  return new RefusedError(
    "not-found",
    `"${bucket}" has no object ${JSON.stringify(key)}`,
  );
}
