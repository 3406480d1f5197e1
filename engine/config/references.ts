/**
 * Finds the fields of a config that name modules, by its schema.
 *
 * @module
 */
import type { JsonSchema } from "../derive/json_schema.ts";
import type { Path } from "./problem.ts";

/** A field that names a module, with what it names. */
export interface Reference {
  /** From the config downwards. */
  readonly path: Path;
  readonly name: string;
  /** The field's own schema: `ref`, `edge` and other words. */
  readonly schema: JsonSchema;
  /** The map in which the field stands, for the labels of edges. */
  readonly siblings: Readonly<Record<string, unknown>>;
  /** Whether the config cannot do without it. */
  readonly required: boolean;
}

/** Every reference in `value`, in the order of the text. */
export function findReferences(
  schema: JsonSchema,
  value: unknown,
): Reference[] {
  const found: Reference[] = [];
  walk(schema, value, [], {}, true, found);
  return found;
}

function walk(
  schema: JsonSchema,
  value: unknown,
  path: Path,
  siblings: Readonly<Record<string, unknown>>,
  required: boolean,
  found: Reference[],
): void {
  if (typeof value === "string") {
    if (schema.ref !== undefined) {
      found.push({ path, name: value, schema, siblings, required });
      return;
    }
  }
  for (const variant of variants(schema)) {
    walk(variant, value, path, siblings, required, found);
  }
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      const itemSchema = schema.prefixItems?.[index] ?? schema.items;
      if (itemSchema) {
        walk(itemSchema, item, [...path, index], siblings, required, found);
      }
    });
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const itemSchema = propertySchema(schema, key);
      if (!itemSchema) continue;
      const isRequired = required && (schema.required?.includes(key) ?? false);
      walk(itemSchema, item, [...path, key], value, isRequired, found);
    }
  }
}

/** The alternatives, or the parts, that a schema is made of. */
export function variants(schema: JsonSchema): readonly JsonSchema[] {
  return [...schema.anyOf ?? [], ...schema.oneOf ?? [], ...schema.allOf ?? []];
}

/** The schema of what stands at a path; of alternatives, the one that has it. */
export function partAt(schema: JsonSchema, path: Path): JsonSchema | undefined {
  const [part, ...rest] = path;
  if (part === undefined) {
    // Of a map or nothing, and a map or a text, the map says what may follow.
    return schema.properties === undefined
      ? variants(schema).find(({ properties }) => properties) ?? schema
      : schema;
  }
  const next = typeof part === "number"
    ? schema.prefixItems?.[part] ?? schema.items
    : propertySchema(schema, part);
  if (next) return partAt(next, rest);
  for (const variant of variants(schema)) {
    const found = partAt(variant, path);
    if (found) return found;
  }
  return undefined;
}

/** The schema of a key: its own, or that of all further keys. */
export function propertySchema(
  schema: JsonSchema,
  key: string,
): JsonSchema | undefined {
  const own = schema.properties;
  if (own && Object.hasOwn(own, key)) return own[key];
  return typeof schema.additionalProperties === "object"
    ? schema.additionalProperties
    : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
