/**
 * Our own words in a JSON Schema that is handed out: with `x-` before them, as the
 * drafts ask of words that are not theirs.
 *
 * @module
 */
import { META_WORDS } from "../meta.ts";
import type { JsonSchema } from "./json_schema.ts";

/** The words that JSON Schema has itself. */
const STANDARD_WORDS = ["title", "description", "examples", "deprecated"];

const OWN_WORDS = [...META_WORDS].filter((word) =>
  !STANDARD_WORDS.includes(word)
);

/** The formats that JSON Schema has; the schema library writes others as well. */
const FORMATS: ReadonlySet<unknown> = new Set([
  ...["date", "date-time", "time", "duration", "email", "hostname"],
  ...["ipv4", "ipv6", "uri", "uuid", "regex"],
]);

/** One schema, for those outside; what is within it is left as it is. */
export function publicWords(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema)
    .filter(([word, value]) => word !== "format" || FORMATS.has(value))
    .map(([word, value]) =>
      OWN_WORDS.includes(word) ? [`x-${word}`, value] : [word, value]
    );
  if (schema.secret) entries.push(["writeOnly", true]);
  return Object.fromEntries(entries);
}
