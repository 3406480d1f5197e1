/**
 * Values that a key could have instead of the one that it has. Not all of them
 * need to fit: a document that does not load with one is tried with the next.
 *
 * @module
 */
import type { JsonSchema } from "../../engine/derive/json_schema.ts";
import { isSchema, variantsOf } from "../../engine/derive/map_schema.ts";
import { isMap } from "../../engine/config/value_path.ts";
import { ABSENT, type DocumentData } from "./places.ts";

/**
 * Others than `present`, the most telling first. `undefined` is an absent key.
 *
 * @param document Whose names serve where a name is wanted.
 */
export function alternatives(
  schemas: readonly JsonSchema[],
  present: unknown,
  document: DocumentData,
): readonly unknown[] {
  const isReference = schemas.some(({ ref }) => ref !== undefined);
  const isName = schemas.some(({ scope }) => scope !== undefined);
  const all = [
    ...isReference ? namesIn(document.modules) : [],
    ...isName ? namesIn({ ...document, modules: [] }) : [],
    ...schemas.flatMap((schema) => candidates(schema, present)),
  ];
  const seen = new Set([JSON.stringify(present)]);
  const others = all.filter((value) => {
    const text = JSON.stringify(value);
    return !seen.has(text) && seen.add(text);
  });
  return present === undefined ? others : [...others, ABSENT];
}

function candidates(schema: JsonSchema, present: unknown): readonly unknown[] {
  const variants = variantsOf(schema);
  if (variants.length > 0) {
    return variants.flatMap((part) => candidates(part, present));
  }
  const examples = schema.examples ?? [];
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum !== undefined) return schema.enum;
  switch (schema.type) {
    case "boolean":
      return [!(present ?? schema.default ?? false), true, false];
    case "integer":
    case "number":
      return [...numbers(schema, present), ...examples];
    case "string":
      return [...examples, ...texts(schema, present)];
    case "array":
      return [...examples, ...lists(schema, present)];
    case "object":
      return [...examples, ...maps(schema, present)];
    default:
      return [...examples, "changed", { changed: true }, 7];
  }
}

/** Small ones show what a limit does, larger ones what a wait does. */
function numbers(
  { minimum, maximum, exclusiveMinimum, default: usual }: JsonSchema,
  present: unknown,
): readonly number[] {
  const now = Number(present ?? usual ?? 1);
  const least = minimum ?? (exclusiveMinimum ?? 0) + 1;
  return [Math.max(least, 1), least, now * 2, now + 1, 7, now / 2]
    .map((value) => Math.min(value, maximum ?? value));
}

const PLAIN_TEXTS = ["changed", "/changed", "id", "DELETE", "x.changed"];

function texts(
  { widget, default: usual }: JsonSchema,
  present: unknown,
): readonly string[] {
  const now = String(present ?? usual ?? "");
  switch (widget) {
    case "duration":
      return ["7s", "1ms", "3h"];
    case "cron":
      return ["* * * * *", "7 7 7 7 *"];
    case "expression":
      return ["false", "true", "1 + 1"];
    case "url":
      return ["https://changed.example/x", "http://127.0.0.1:9/x"];
    default:
      return [`${now}2`, ...PLAIN_TEXTS, "2100-01-01T00:00:00Z"];
  }
}

function lists({ items }: JsonSchema, present: unknown): readonly unknown[] {
  const now = Array.isArray(present) ? present : [];
  const [first] = now;
  const others = isSchema(items) ? candidates(items, first) : ["changed"];
  return [
    ...others.slice(0, 3).map((other) => [other]),
    ...others.slice(0, 3).map((other) => [...now, other]),
    [],
  ];
}

function maps(
  { additionalProperties }: JsonSchema,
  present: unknown,
): readonly unknown[] {
  const now = Object.entries(present ?? {});
  const [[name, first] = ["changed", undefined]] = now;
  const others = isSchema(additionalProperties)
    ? candidates(additionalProperties, first)
    : ["changed", 7];
  return [
    ...others.slice(0, 3).map((other) => ({
      ...Object.fromEntries(now),
      [name]: other,
    })),
    ...others.slice(0, 2).map((other) => ({
      ...Object.fromEntries(now),
      changed: other,
    })),
    {},
  ];
}

/** Keys whose values are names of what they stand in. */
const NAMING: ReadonlySet<string> = new Set(["name", "id", "patternId"]);

/** The names that a document gives: of entries, and keys of maps of entries. */
function namesIn(value: unknown): readonly string[] {
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return Object.entries(value).flatMap(([key, part]) => {
    if (typeof part === "string") return NAMING.has(key) ? [part] : [];
    return isMap(part) ? [key, ...namesIn(part)] : namesIn(part);
  });
}
