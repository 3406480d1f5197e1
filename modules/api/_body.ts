/**
 * Reads the body of a request as a JSON object. What could not be given back
 * exactly as it was sent is refused here, so that nothing behind has to ask.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";
import { jsonFault } from "../_json_fault.ts";
import { isJsonObject, type JsonValue } from "./_json.ts";
import { HttpRefusal } from "./_refusal.ts";

/** The largest body that is read, in bytes. */
export const BODY_BYTES_MAX = 1_048_576;

/**
 * The body as an object. The content type is not looked at.
 *
 * @throws {HttpRefusal} 413 if it is too large, 400 if it is no JSON object.
 */
export async function readObject(request: Request): Promise<JsonObject> {
  return parseObject(await readText(request));
}

/** Like `readObject`, and an absent body is an empty object. */
export async function readOptionalObject(
  request: Request,
): Promise<JsonObject> {
  const text = await readText(request);
  return text.trim() === "" ? {} : parseObject(text);
}

function parseObject(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, "Cannot read the body: it is not valid JSON");
  }
  if (!isJsonObject(value)) {
    throw new HttpRefusal(400, "Cannot read the body: it is not a JSON object");
  }
  const fault = jsonFault(value);
  if (fault === undefined) return value;
  throw new HttpRefusal(400, `Cannot read the body: it ${fault}`);
}

async function readText(request: Request): Promise<string> {
  const bytes = await readBytes(request);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new HttpRefusal(400, "Cannot read the body: it is not valid UTF-8");
  }
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const declared = Number(request.headers.get("content-length") ?? "");
  if (declared > BODY_BYTES_MAX) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body) {
      size += chunk.length;
      if (size > BODY_BYTES_MAX) break;
      chunks.push(chunk);
    }
  } catch {
    // The peer went away, or somebody before us has read the body.
    throw new HttpRefusal(400, "Cannot read the body: it ended too early");
  }
  if (size > BODY_BYTES_MAX) throw tooLarge();
  return joined(chunks, size);
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function tooLarge(): HttpRefusal {
  return new HttpRefusal(
    413,
    `Cannot read the body: it is larger than the limit of ${BODY_BYTES_MAX} bytes`,
  );
}
