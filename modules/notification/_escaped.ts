/**
 * Keeps data from being read as Slack's markup: a name that holds `<!channel>`
 * would otherwise call everybody.
 *
 * @module
 */
import type { JsonValue } from "@engine/define.ts";

/** A text in which nothing is markup that calls or links. */
export function escapedText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** The same for every text in a value. */
export function escaped(value: JsonValue): JsonValue {
  if (typeof value === "string") return escapedText(value);
  if (Array.isArray(value)) return value.map(escaped);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map((
      [key, item],
    ) => [escapedText(key), escaped(item ?? null)]),
  );
}
