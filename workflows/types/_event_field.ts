/**
 * Reads messages and data as events.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import type { Message } from "@engine/services/broker.ts";

/**
 * The fields of a message; a text is read as JSON.
 *
 * @throws {TerminalError} if it is no JSON object.
 */
export function fieldsOf({ topic, payload }: Message): JsonObject {
  const value = typeof payload === "string" ? parse(payload) : payload;
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new TerminalError(
      `Cannot take a message on "${topic}" as an event: it is not a JSON object`,
    );
  }
  return value as JsonObject;
}

/** The first of some fields that is a text or a number, as a text. */
export function textIn(
  data: JsonObject,
  ...names: readonly (string | undefined)[]
): string | undefined {
  for (const name of names) {
    if (name === undefined || !Object.hasOwn(data, name)) continue;
    const value = data[name];
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number") return String(value);
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Reported as what it is: no JSON object.
    return undefined;
  }
}
