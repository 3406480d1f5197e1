/**
 * Small questions about JSON, asked in a way that no field name can answer
 * wrongly: `__proto__` and `constructor` are fields like any other.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";

/** A value that survives `JSON.stringify` and back. */
export type JsonValue = Exclude<JsonObject[string], undefined>;

/** Whether a value is a JSON object: no list, no scalar, not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The field of an object itself, never one that it inherits. */
export function fieldOf(
  object: JsonObject,
  name: string,
): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Whether two values have the same JSON, whatever the order of fields. */
export function isSameJson(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length &&
      a.every((item, index) => isSameJson(item, b[index]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) =>
      Object.hasOwn(b, name) && isSameJson(a[name], b[name])
    );
}
