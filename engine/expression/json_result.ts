/**
 * Turns what CEL yields into JSON, or refuses it.
 *
 * @module
 */
import { Optional } from "@marcbachmann/cel-js";
import type { JsonValue } from "../store/store.ts";

/** Values in one result, counting those inside of lists and maps. */
export const RESULT_VALUES_MAX = 100_000;

/** How deep lists and maps of a result may nest. */
export const RESULT_DEPTH_MAX = 100;

/**
 * The value as JSON: whole numbers become numbers, timestamps and durations
 * their text, bytes base64, an absent optional null.
 *
 * @throws {RangeError} if JSON cannot hold it, or a limit is exceeded.
 */
export function toJson(value: unknown): JsonValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return finite(value);
    default:
      return new Converter().convert(value, 0);
  }
}

class Converter {
  #values = 0;

  convert(value: unknown, depth: number): JsonValue {
    if (++this.#values > RESULT_VALUES_MAX) {
      throw new RangeError(
        `Cannot return more than ${RESULT_VALUES_MAX} values`,
      );
    }
    if (depth > RESULT_DEPTH_MAX) {
      throw new RangeError(
        `Cannot return lists and maps nested deeper than ${RESULT_DEPTH_MAX} levels`,
      );
    }
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        return finite(value);
      case "bigint":
        return safe(value);
      case "object":
        return value === null ? null : this.#object(value, depth);
      default:
        throw new RangeError(`Cannot return a ${typeof value}: it is not JSON`);
    }
  }

  #object(value: object, depth: number): JsonValue {
    if (Array.isArray(value)) {
      return value.map((item) => this.convert(item, depth + 1));
    }
    if (value instanceof Map) return this.#entries(value.entries(), depth);
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return this.#entries(Object.entries(value), depth);
    }
    if (value instanceof Optional) {
      return value.hasValue() ? this.convert(value.value(), depth) : null;
    }
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Uint8Array) return base64(value);
    return special(value);
  }

  #entries(entries: Iterable<[unknown, unknown]>, depth: number): JsonValue {
    const result: Record<string, JsonValue> = {};
    for (const [key, item] of entries) {
      if (item === undefined) continue;
      // Assigning to "__proto__" would change the prototype instead.
      Object.defineProperty(result, String(key), {
        value: this.convert(item, depth + 1),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return result;
  }
}

/** The library exports neither its unsigned numbers nor its durations and types. */
function special(value: object): JsonValue {
  const primitive: unknown = value.valueOf();
  if (typeof primitive === "bigint") return safe(primitive);
  const tag = Object.prototype.toString.call(value);
  const type = /^\[object Type<(.+)>\]$/.exec(tag)?.[1];
  if (type !== undefined) return type;
  if (tag === "[object google.protobuf.Duration]") return String(value);
  throw new RangeError("Cannot return the value: it is not JSON");
}

function finite(value: number): number {
  if (!Number.isFinite(value)) {
    throw new RangeError(`Cannot return ${value}: it is not a JSON number`);
  }
  // JSON has no negative zero.
  return value === 0 ? 0 : value;
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(
      `Cannot return ${value}: it does not fit a JSON number`,
    );
  }
  return number;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
