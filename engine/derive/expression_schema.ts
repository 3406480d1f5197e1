/**
 * Lets a schema accept what a run works out: `${{ … }}` may stand for any value.
 *
 * @module
 */
import type { JsonSchema } from "./json_schema.ts";
import { mapSchema } from "./map_schema.ts";

/** A regular expression for a string that holds an expression. */
const EXPRESSION = "\\$\\{\\{";

/** The schema of what may be written for values of which each may be worked out. */
export function allowExpressions(schema: JsonSchema): JsonSchema {
  const { properties = {}, ...rest } = schema;
  const parts = Object.entries(properties)
    .map(([key, part]) => [key, mapSchema(part, orExpression)] as const);
  return { ...rest, properties: Object.fromEntries(parts) };
}

/** A text that is free may hold one anyway. */
function orExpression(schema: JsonSchema): JsonSchema {
  const { description, default: preset, examples, oneOf, ...rest } = schema;
  // An expression may fit several branches, which `oneOf` would refuse.
  const rules: JsonSchema = oneOf ? { ...rest, anyOf: oneOf } : rest;
  const isFree = rules.type === "string" && rules.pattern === undefined &&
    rules.enum === undefined && rules.maxLength === undefined;
  if (isFree || Object.keys(rules).length === 0) return schema;
  return {
    ...description === undefined ? {} : { description },
    ...preset === undefined ? {} : { default: preset },
    ...examples === undefined ? {} : { examples },
    anyOf: [rules, { type: "string", pattern: EXPRESSION }],
  };
}
