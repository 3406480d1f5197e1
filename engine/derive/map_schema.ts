/**
 * Walks a JSON Schema. Only places that hold schemas are visited: a property
 * that is called `secret` is not the word `secret`.
 *
 * @module
 */
import type { JsonSchema } from "./json_schema.ts";

/** A part of a schema, with its place in the config. */
export interface SchemaPart {
  readonly schema: JsonSchema;
  /** Such as `routes[].path` or `pipelines.*`; empty for the whole. */
  readonly path: string;
}

/** A copy in which every schema went through `change`, the inner ones first. */
export function mapSchema(
  schema: JsonSchema,
  change: (schema: JsonSchema) => JsonSchema,
): JsonSchema {
  const inner = (part: JsonSchema) => mapSchema(part, change);
  return change({
    ...schema,
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map((
          [key, part],
        ) => [key, inner(part)]),
      ),
    }),
    ...(isSchema(schema.additionalProperties) && {
      additionalProperties: inner(schema.additionalProperties),
    }),
    ...(isSchema(schema.items) && { items: inner(schema.items) }),
    ...(schema.prefixItems && { prefixItems: schema.prefixItems.map(inner) }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(inner) }),
    ...(schema.oneOf && { oneOf: schema.oneOf.map(inner) }),
    ...(schema.allOf && { allOf: schema.allOf.map(inner) }),
  });
}

/** Every part of a schema, the outer ones first. Variants share a path. */
export function* schemaParts(
  schema: JsonSchema,
  path = "",
): Generator<SchemaPart> {
  yield { schema, path };
  for (const [key, part] of Object.entries(schema.properties ?? {})) {
    yield* schemaParts(part, below(path, key));
  }
  if (isSchema(schema.additionalProperties)) {
    yield* schemaParts(schema.additionalProperties, below(path, "*"));
  }
  for (const part of [schema.items, ...schema.prefixItems ?? []]) {
    if (isSchema(part)) yield* schemaParts(part, `${path}[]`);
  }
  for (const part of variantsOf(schema)) yield* schemaParts(part, path);
}

/** The alternatives and additions of a schema. */
export function variantsOf(schema: JsonSchema): readonly JsonSchema[] {
  return [
    ...schema.anyOf ?? [],
    ...schema.oneOf ?? [],
    ...schema.allOf ?? [],
  ];
}

/** The place of a key below another place. */
export function below(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** Tells a schema from `true`, `false` and nothing. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null;
}
