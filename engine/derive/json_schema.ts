/**
 * The JSON Schema of a definition's config, made once. Everything that reads a
 * config's shape (references, forms, docs, editors) reads this.
 *
 * @module
 */
import { z } from "zod";
import type { FieldMeta } from "../meta.ts";

/** The parts of JSON Schema that definitions use, with our own words. */
export interface JsonSchema extends FieldMeta {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly pattern?: string;
  readonly format?: string;
}

const made = new WeakMap<z.ZodType, JsonSchema>();

/** The JSON Schema (draft 2020-12) of what may be written for `schema`. */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  const known = made.get(schema);
  if (known) return known;
  const { $schema: _, ...fresh } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    target: "draft-2020-12",
  });
  made.set(schema, fresh as JsonSchema);
  return fresh as JsonSchema;
}
