/**
 * Fields that older documents write in snake_case: each name of several words has a
 * twin, which says the same and takes precedence.
 *
 * @module
 */
import { z } from "zod";

type Shape = Readonly<Record<string, z.ZodType>>;

/**
 * A strict object whose fields have twins. Read it with `inOneSpelling`.
 *
 * @throws {TypeError} if a field with a twin is required: then it would be so in one
 * spelling only.
 */
export function inBothSpellings<const S extends Shape>(
  shape: S,
): z.ZodObject<S, z.core.$strict> {
  const twins = Object.entries(shape)
    .map(([name, field]) => [snakeCase(name), twinOf(name, field)] as const)
    .filter(([twin]) => !Object.hasOwn(shape, twin));
  for (const name of Object.keys(shape)) requireOptional(name, shape[name]);
  // The types speak of one spelling only: the other one is gone once it is read.
  return z.strictObject({
    ...shape,
    ...Object.fromEntries(twins),
  }) as unknown as z.ZodObject<S, z.core.$strict>;
}

/** The fields in the spelling of `schema`, which `inBothSpellings` has made. */
export function inOneSpelling<T extends object>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  config: T,
): T {
  const fields = new Map<string, unknown>(Object.entries(config));
  for (const name of Object.keys(schema.shape)) {
    const twin = snakeCase(name);
    if (twin === name || !fields.has(twin)) continue;
    fields.set(name, fields.get(twin));
    fields.delete(twin);
  }
  return Object.fromEntries(fields) as T;
}

function requireOptional(name: string, field: z.ZodType | undefined): void {
  if (snakeCase(name) === name || field?.safeParse(undefined).success) return;
  throw new TypeError(`Cannot spell "${name}" in two ways: it is required`);
}

function twinOf(name: string, field: z.ZodType): z.ZodType {
  return withoutDefault(field).optional()
    .meta({ deprecated: true })
    .describe(`The same as ${name}, over which it takes precedence`);
}

/** A field with a default is never absent, so that a twin could not be told. */
function withoutDefault(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodDefault || field instanceof z.ZodOptional
    ? withoutDefault(field.unwrap() as z.ZodType)
    : field;
}

function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}
