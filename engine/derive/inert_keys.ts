/**
 * Puts the keys that have no effect into a schema, so that an editor accepts
 * them, strikes them out and says why.
 *
 * @module
 */
import { isSchema, variantsOf } from "./map_schema.ts";
import type { JsonSchema } from "./json_schema.ts";

/** The steps of an inert key's pattern: `*` stands for any key or index. */
export function inertSteps(pattern: string): readonly string[] {
  return pattern.replaceAll("[]", ".*").split(".");
}

/** The schema with every inert key as a deprecated field. */
export function withInertKeys(
  schema: JsonSchema,
  inert: Readonly<Record<string, string>>,
): JsonSchema {
  let result = schema;
  for (const [pattern, reason] of Object.entries(inert)) {
    const field = { deprecated: true, description: `Has no effect: ${reason}` };
    result = withField(result, inertSteps(pattern), field);
  }
  return result;
}

/**
 * Whether an inert key's pattern leads to a place that the schema has, and the
 * last step to one that it does not have.
 */
export function inertPlace(
  schema: JsonSchema,
  pattern: string,
): "free" | "taken" | "nowhere" {
  const steps = inertSteps(pattern);
  const last = steps.at(-1) ?? "";
  const parents = steps.slice(0, -1).reduce(
    (schemas, step) => schemas.flatMap((part) => stepInto(part, step)),
    withVariants(schema),
  );
  if (parents.length === 0) return "nowhere";
  const isTaken = parents.some(({ properties }) =>
    properties !== undefined && Object.hasOwn(properties, last)
  );
  return isTaken ? "taken" : "free";
}

function stepInto(schema: JsonSchema, step: string): readonly JsonSchema[] {
  const next = step === "*"
    ? [schema.items, schema.additionalProperties].filter(isSchema)
    : schema.properties && Object.hasOwn(schema.properties, step)
    ? [schema.properties[step]].filter(isSchema)
    : [];
  return next.flatMap(withVariants);
}

function withVariants(schema: JsonSchema): readonly JsonSchema[] {
  return [schema, ...variantsOf(schema).flatMap(withVariants)];
}

function withField(
  schema: JsonSchema,
  [step, ...rest]: readonly string[],
  field: JsonSchema,
): JsonSchema {
  if (step === undefined) return field;
  const inner = (part: JsonSchema) => withField(part, rest, field);
  const same = (part: JsonSchema) => withField(part, [step, ...rest], field);
  const { properties, items, additionalProperties } = schema;
  const isLast = rest.length === 0;
  const known = properties?.[step];
  return {
    ...schema,
    ...(step === "*" && isSchema(items) && { items: inner(items) }),
    ...(step === "*" && isSchema(additionalProperties) &&
      { additionalProperties: inner(additionalProperties) }),
    ...(properties && step !== "*" && (known || isLast) && {
      properties: { ...properties, [step]: known ? inner(known) : field },
    }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(same) }),
    ...(schema.oneOf && { oneOf: schema.oneOf.map(same) }),
  };
}
