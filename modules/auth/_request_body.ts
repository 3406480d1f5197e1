/**
 * Reads the small JSON objects that the endpoints of `auth.jwt` take.
 *
 * @module
 */
import { RefusedRequest } from "./_refused_request.ts";

/** The longest body, in bytes. */
export const BODY_BYTES_MAX = 64 * 1_024;

/** A JSON object whose fields are not looked at yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** @throws {RefusedRequest} 413 if too long, 400 for what is no JSON object. */
export async function readFields(request: Request): Promise<Fields> {
  return parseFields(await readText(request));
}

/** Like `readFields`, but nothing at all is an empty object. */
export async function readOptionalFields(request: Request): Promise<Fields> {
  const text = await readText(request);
  return text === "" ? {} : parseFields(text);
}

function parseFields(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RefusedRequest(400, "The body is not valid JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RefusedRequest(400, "The body must be a JSON object");
  }
  return value as Fields;
}

/** @throws {RefusedRequest} 400 unless the field is a well-formed text. */
export function textField(fields: Fields, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof value !== "string" || !value.isWellFormed()) {
    throw new RefusedRequest(400, `The field "${name}" must be a text`);
  }
  return value;
}

async function readText({ body }: Request): Promise<string> {
  if (!body) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  let text = "";
  try {
    // Leaving the loop early cancels the rest of the body.
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) break;
      text += decoder.decode(chunk, { stream: true });
    }
    if (bytes <= BODY_BYTES_MAX) return text + decoder.decode();
  } catch {
    // No UTF-8, or the client stopped half way.
    throw new RefusedRequest(400, "The body cannot be read");
  }
  throw new RefusedRequest(
    413,
    `The body is longer than ${BODY_BYTES_MAX} bytes`,
  );
}
