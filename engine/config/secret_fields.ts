/**
 * Finds the fields of a config that are secret, by its schema.
 *
 * @module
 */
import type { JsonSchema } from "../derive/json_schema.ts";
import { isSchema, variantsOf } from "../derive/map_schema.ts";
import { propertySchema } from "./references.ts";

/** A copy in which secret fields show only that they are set. */
export function withoutSecrets(schema: JsonSchema, value: unknown): unknown {
  return replaceSecrets([schema], value, () => "***");
}

/** The texts that stand in secret fields. */
export function secretTexts(schema: JsonSchema, value: unknown): string[] {
  const texts: string[] = [];
  replaceSecrets([schema], value, (secret) => {
    if (typeof secret === "string") texts.push(secret);
  });
  return texts;
}

function replaceSecrets(
  written: readonly JsonSchema[],
  value: unknown,
  replace: (secret: unknown) => unknown,
): unknown {
  const schemas = written.flatMap(withVariants);
  if (schemas.some(({ secret }) => secret)) {
    return value === undefined ? undefined : replace(value);
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      const parts = schemas.map(({ items, prefixItems }) =>
        prefixItems?.[index] ?? items
      );
      return replaceSecrets(parts.filter(isSchema), item, replace);
    });
  }
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const parts = schemas.map((schema) => propertySchema(schema, key));
      return [key, replaceSecrets(parts.filter(isSchema), item, replace)];
    }),
  );
}

function withVariants(schema: JsonSchema): readonly JsonSchema[] {
  return [schema, ...variantsOf(schema).flatMap(withVariants)];
}
