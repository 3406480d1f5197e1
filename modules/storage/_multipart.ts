/**
 * Writes a large object part by part, so that only one part is in memory. Until
 * the last step there is no object; when anything fails, the parts are removed.
 *
 * @module
 */
import { RetryableError } from "@engine/errors.ts";
import type { S3Call, S3Client } from "./_client.ts";
import { failureOf, malformed, type S3Answer, S3Refusal } from "./_failure.ts";
import { completionXml, textIn } from "./_xml.ts";

/** What S3 takes at most. */
export const PARTS_MAX = 10_000;

type Bytes = Uint8Array<ArrayBuffer>;

/** An object on its way. */
export interface Upload {
  readonly attempted: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: AsyncIterable<Bytes>;
  /** Told what kept the parts from being removed. */
  readonly onLeftover: (error: unknown) => void;
}

/** See the module comment. Returns the entity tag. */
export async function uploadParts(
  client: S3Client,
  upload: Upload,
  signal: AbortSignal,
): Promise<string> {
  const { attempted, key, headers, parts, onLeftover } = upload;
  const uploadId = await client.call({
    attempted,
    method: "POST",
    key,
    headers,
    query: { uploads: "" },
    read: (answer) => required(attempted, answer, "UploadId"),
  }, signal);
  try {
    const etags: string[] = [];
    for await (const body of parts) {
      if (etags.length === PARTS_MAX) {
        throw new S3Refusal(
          `${attempted}: it has more than ${PARTS_MAX} parts; raise partSize`,
          "",
        );
      }
      const query = { partNumber: String(etags.length + 1), uploadId };
      const read = (answer: S3Answer) => etagOf(attempted, answer);
      etags.push(
        await client.call(
          { attempted, method: "PUT", key, query, body, read },
          signal,
        ),
      );
    }
    return await client.call(completion(upload, uploadId, etags), signal);
  } catch (error) {
    await remove(client, upload, uploadId).catch(onLeftover);
    throw withHope(error);
  }
}

/** S3 may say 200 before it knows, and then that it failed. */
function completion(
  { attempted, key }: Upload,
  uploadId: string,
  etags: readonly string[],
): S3Call<string> {
  return {
    attempted,
    method: "POST",
    key,
    query: { uploadId },
    headers: { "content-type": "application/xml" },
    body: new TextEncoder().encode(completionXml(etags)),
    read(answer) {
      const text = new TextDecoder().decode(answer.body);
      if (textIn(text, "Error") !== undefined) {
        throw failureOf(attempted, answer);
      }
      return withoutQuotes(required(attempted, answer, "ETag"));
    },
  };
}

/** Not with the signal of the upload: that may be what ended it. */
async function remove(
  client: S3Client,
  { attempted, key }: Upload,
  uploadId: string,
): Promise<void> {
  await client.call({
    attempted: `${attempted}: cannot remove its parts`,
    method: "DELETE",
    key,
    query: { uploadId },
    read: () => {},
  }, new AbortController().signal);
}

/**
 * An upload that is gone may be one of which only the last answer was lost, and
 * a new one can be made in any case.
 */
function withHope(error: unknown): unknown {
  return error instanceof S3Refusal && error.code === "NoSuchUpload"
    ? new RetryableError(error.message, { cause: error })
    : error;
}

/** The entity tag of what was written. */
export function etagOf(attempted: string, answer: S3Answer): string {
  const etag = answer.headers.get("etag");
  if (etag === null) throw malformed(attempted, answer, "ETag");
  return withoutQuotes(etag);
}

/** Entity tags come in quotes, and are easier to compare without. */
export function withoutQuotes(etag: string): string {
  return etag.replace(/^"|"$/g, "");
}

function required(attempted: string, answer: S3Answer, name: string): string {
  const text = textIn(new TextDecoder().decode(answer.body), name);
  if (text === undefined || text === "") {
    throw malformed(attempted, answer, name);
  }
  return text;
}

/** A stream in parts of one size, but for the last; at least one, maybe empty. */
export async function* partsOf(
  stream: ReadableStream<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Bytes> {
  let part = new Uint8Array(partBytes);
  let length = 0;
  let isFirst = true;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.subarray(at, at + partBytes - length);
      part.set(taken, length);
      length += taken.length;
      at += taken.length;
      if (length < partBytes) continue;
      yield part;
      isFirst = false;
      // The last one may still be on its way.
      part = new Uint8Array(partBytes);
      length = 0;
    }
  }
  if (length > 0 || isFirst) yield part.subarray(0, length);
}
