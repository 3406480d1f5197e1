/**
 * What a database yields, as JSON.
 *
 * @module
 */
import type { JsonValue } from "../../store/store.ts";

/** Dates become ISO text, bytes base64, and numbers that JSON lacks text. */
export function jsonCell(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : String(value);
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? null : value.toISOString();
  }
  if (value instanceof Uint8Array) return value.toBase64();
  if (Array.isArray(value)) return value.map(jsonCell);
  if (typeof value === "object") return jsonRow(value);
  return typeof value === "boolean" ? value : String(value);
}

/** A row, or any other map. */
export function jsonRow(row: object): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, jsonCell(value)]),
  );
}
