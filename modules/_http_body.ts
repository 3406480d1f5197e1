/**
 * Reads request bodies, never more than a limit.
 *
 * @module
 */

import { jsonFault } from "./_json_fault.ts";

/** The most bytes that are read into memory for a follower or a listener. */
export const BODY_READ_BYTES_MAX = 1_048_576;

/** A body is longer than a limit allows. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";

  constructor(bytesMax: number) {
    super(`The request body is longer than ${bytesMax} bytes`);
  }
}

/** A body did not arrive in time. */
export class BodyTimeoutError extends Error {
  override readonly name = "BodyTimeoutError";

  constructor(timeoutMs: number) {
    super(`The request body did not arrive within ${timeoutMs} ms`);
  }
}

/** What was sent. */
export type Body =
  | { readonly kind: "none" }
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "form"; readonly value: Readonly<Record<string, string>> }
  | { readonly kind: "text"; readonly value: string }
  /** It says that it is JSON, and is not, or not such as can be kept. */
  | {
    readonly kind: "malformed";
    readonly value: string;
    /** The end of a sentence about the body. */
    readonly fault: string;
  };

/**
 * Reads what was sent: JSON if it is JSON, whatever its type says, except that
 * forms are read as forms.
 *
 * @throws {BodyTooLargeError} if it is longer than `bytesMax`.
 */
export async function readBody(
  request: Request,
  bytesMax = BODY_READ_BYTES_MAX,
): Promise<Body> {
  const text = await readText(request, bytesMax);
  if (text.trim() === "") return { kind: "none" };
  const type = request.headers.get("content-type")?.toLowerCase() ?? "";
  if (type.startsWith("application/x-www-form-urlencoded")) {
    return {
      kind: "form",
      value: Object.fromEntries(new URLSearchParams(text)),
    };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What is not JSON is text, or a mistake of a caller who announced JSON.
    const isJson = /^application\/(?:[\w.+-]+\+)?json\b/.test(type);
    return isJson
      ? { kind: "malformed", value: text, fault: "is not valid JSON" }
      : { kind: "text", value: text };
  }
  const fault = jsonFault(value);
  return fault === undefined
    ? { kind: "json", value }
    : { kind: "malformed", value: text, fault };
}

async function readText(request: Request, bytesMax: number): Promise<string> {
  if (request.body === null) return "";
  const stated = request.headers.get("content-length");
  if (Number(stated) > bytesMax) {
    await request.body.cancel();
    throw new BodyTooLargeError(bytesMax);
  }
  // A server takes no more than is stated, so nothing has to be counted.
  if (stated !== null) return await request.text();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest of the body.
    if (bytes > bytesMax) throw new BodyTooLargeError(bytesMax);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
