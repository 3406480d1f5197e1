/**
 * The two facts that a card shows of a module: what its config says first, short.
 *
 * @module
 */
import type { FormField } from "../../engine/derive/form.ts";

/** Characters of one fact. */
const FACT_CHARACTERS_MAX = 22;

/** Facts of a card. */
const FACTS_MAX = 2;

/** What is set of the fields of a form, in its order. */
export function factsOf(
  fields: readonly FormField[],
  config: Readonly<Record<string, unknown>>,
): readonly string[] {
  return fields.flatMap((field) => factOf(field, config[field.key]) ?? [])
    .slice(0, FACTS_MAX);
}

function factOf(field: FormField, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  switch (field.type) {
    case "secret":
    case "reference":
    case "code":
      return undefined;
    case "boolean":
      return value === true ? field.label.toLowerCase() : undefined;
    case "list":
      return Array.isArray(value) && value.length > 0
        ? `${value.length} ${field.label.toLowerCase()}`
        : undefined;
    default:
      return typeof value === "string" || typeof value === "number"
        ? short(String(value))
        : undefined;
  }
}

function short(text: string): string {
  return text.length > FACT_CHARACTERS_MAX
    ? `${text.slice(0, FACT_CHARACTERS_MAX - 1)}…`
    : text;
}
